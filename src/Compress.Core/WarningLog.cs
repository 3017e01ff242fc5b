using Compress.Diagnostics;

namespace Compress;

/// <summary>Passes everything on and remembers the warnings for the report, without their places: a report names no folder.</summary>
internal sealed class WarningLog(IReporter next) : IReporter
{
    private readonly Lock gate = new();
    private readonly List<Diagnostic> warnings = [];

    /// <summary>"CMP3101: text", in the order in which they came.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate) return [.. warnings.Select(warning => $"{warning.Code}: {warning.Message}").Distinct()];
        }
    }

    /// <summary>Warns again of what an earlier run warned of.</summary>
    /// <param name="lines">Its <see cref="Lines"/>.</param>
    /// <param name="at">Where the policy names the model.</param>
    public void Repeat(IEnumerable<string> lines, SourceLocation at)
    {
        foreach (var line in lines) Repeat(line, at, this);
    }

    public static void Repeat(string line, SourceLocation at, IReporter reporter)
    {
        if (line.Split(": ", 2) is [var code, var message]) reporter.Report(new Diagnostic(code, Severity.Warning, message, at));
    }

    public void Report(Diagnostic diagnostic)
    {
        if (diagnostic.Severity == Severity.Warning)
            lock (gate) warnings.Add(diagnostic);
        next.Report(diagnostic);
    }

    public void Stage(string text) => next.Stage(text);

    public void Progress(double fraction) => next.Progress(fraction);
}
