using System.Globalization;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Evaluate;

/// <summary>Measures by a program of the user: {model} in its arguments becomes the file to measure, the last line it prints is the number.</summary>
internal sealed class CommandEvaluator(AccuracyPolicy policy, LoadableModel floatModel) : IEvaluator
{
    private MetricValue? floatValue;

    public MetricValue MeasureFloat(CancellationToken cancellation) => floatValue ??= floatModel.Bytes is { } bytes ? Measure(bytes, cancellation) : new MetricValue(Run(floatModel.File!, cancellation), 0, 0);

    public MetricValue Measure(byte[] model, CancellationToken cancellation)
    {
        using var folder = new ScratchFolder();
        var file = folder.File("model.onnx");
        AtomicFile.Write(file, model);
        return new MetricValue(Run(file, cancellation), 0, 0);
    }

    public void Dispose() { }

    private double Run(string model, CancellationToken cancellation)
    {
        var command = policy.Command ?? "";
        var words = CommandLine.Split(command).Select(word => word.Replace("{model}", model, StringComparison.Ordinal)).ToArray();
        if (words.Length == 0) throw Codes.CommandNotFound(policy.Location, command, "it is empty").Error();

        // A build within says so among much else that it prints.
        var endless = Codes.CommandWaitsForItself(policy.Location);
        var result = ChildProcess.Run(words, Path.GetDirectoryName(policy.Location.File), policy.CommandTimeout, cancellation, endless.Code);
        CompressionException Failure(Diagnostic why) => (result.SaidIt ? endless : why).Error();
        if (result.NotStarted is { } why) throw Codes.CommandNotFound(policy.Location, words[0], why).Error();
        if (result.TimedOut) throw Failure(Codes.CommandTimedOut(policy.Location, command, policy.CommandTimeout));
        if (result.ExitCode != 0) throw Failure(Codes.CommandFailed(policy.Location, command, result.ExitCode, result.LastError));
        return double.TryParse(result.LastLine, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw Failure(Codes.CommandPrintedNoNumber(policy.Location, command, result.LastLine));
    }
}
