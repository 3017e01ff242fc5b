using System.Diagnostics;
using Compress.Diagnostics;

namespace Compress.Bench;

/// <summary>Stages and warnings of a row with the seconds since its start, on the error stream.</summary>
internal sealed class Progress(string row) : IReporter
{
    private readonly Stopwatch clock = Stopwatch.StartNew();

    void IReporter.Report(Diagnostic diagnostic) => Stage(diagnostic.ToString());

    public void Stage(string text) => Console.Error.WriteLine(FormattableString.Invariant($"{row}: {clock.Elapsed.TotalSeconds,4:0} s: {text}"));

    void IReporter.Progress(double fraction) { }
}
