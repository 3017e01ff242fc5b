using Compress.Diagnostics;

namespace Compress.Tool;

/// <summary>Prints what a run tells: stages and results on the output, diagnostics on the error stream.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error, ProgressBar? bar) : IReporter
{
    private readonly List<Diagnostic> warnings = [];

    public TextWriter Output => output;

    public TextWriter Error => error;

    /// <summary>True where the output is for programs: only the result is printed there.</summary>
    public bool Quiet { get; set; }

    /// <summary>Canonical lines of the warnings since the last call.</summary>
    public IReadOnlyList<string> TakeWarnings()
    {
        string[] lines = [.. warnings.Select(warning => warning.ToString())];
        warnings.Clear();
        return lines;
    }

    public void Report(Diagnostic diagnostic)
    {
        bar?.Clear();
        if (diagnostic.Severity == Severity.Warning) warnings.Add(diagnostic);
        error.WriteLine(diagnostic);
    }

    public void Stage(string text)
    {
        bar?.Clear();
        if (!Quiet) output.WriteLine(text);
    }

    public void Progress(double fraction) => bar?.Show(fraction);
}
