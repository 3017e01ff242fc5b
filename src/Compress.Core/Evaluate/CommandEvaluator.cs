using System.Globalization;
using Compress.Diagnostics;
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
        var folder = Directory.CreateTempSubdirectory("compress-");
        try
        {
            var file = Path.Combine(folder.FullName, "model.onnx");
            File.WriteAllBytes(file, model);
            return new MetricValue(Run(file, cancellation), 0, 0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public void Dispose() { }

    private double Run(string model, CancellationToken cancellation)
    {
        var command = policy.Command ?? "";
        var words = CommandLine.Split(command).Select(word => word.Replace("{model}", model, StringComparison.Ordinal)).ToArray();
        if (words.Length == 0) throw Codes.CommandNotFound(policy.Location, command, "it is empty").Error();

        var result = ChildProcess.Run(words, Path.GetDirectoryName(policy.Location.File), policy.CommandTimeout, cancellation);
        if (result.NotStarted is { } why) throw Codes.CommandNotFound(policy.Location, words[0], why).Error();
        if (result.TimedOut) throw Codes.CommandTimedOut(policy.Location, command, policy.CommandTimeout).Error();
        if (result.ExitCode != 0) throw Codes.CommandFailed(policy.Location, command, result.ExitCode, result.LastError).Error();
        return double.TryParse(result.LastLine, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw Codes.CommandPrintedNoNumber(policy.Location, command, result.LastLine).Error();
    }
}
