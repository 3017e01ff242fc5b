using Compress.Diagnostics;

namespace Compress.Bench;

/// <summary>Stages and warnings of a row, on the error stream.</summary>
internal sealed class Progress(string row) : IReporter
{
    void IReporter.Report(Diagnostic diagnostic) => Stage(diagnostic.ToString());

    public void Stage(string text) => Console.Error.WriteLine($"{row}: {text}");

    void IReporter.Progress(double fraction) { }
}
