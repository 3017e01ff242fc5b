namespace Compress.Diagnostics;

/// <summary>Where a run tells what it does. The tool prints it; tests collect it.</summary>
public interface IReporter
{
    /// <summary>A warning, or the error that ended the run.</summary>
    void Report(Diagnostic diagnostic);

    /// <summary>One line a stage: "calibrated on 512 samples".</summary>
    void Stage(string text);

    /// <summary>Progress within the current stage, 0 to 1.</summary>
    void Progress(double fraction);
}

/// <summary>Says nothing.</summary>
public sealed class SilentReporter : IReporter
{
    public static readonly SilentReporter Instance = new();

    public void Report(Diagnostic diagnostic) { }

    public void Stage(string text) { }

    public void Progress(double fraction) { }
}
