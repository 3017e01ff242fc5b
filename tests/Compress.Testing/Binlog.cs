using Microsoft.Build.Logging.StructuredLogger;

namespace Compress.Testing;

/// <summary>An error or warning as MSBuild understood it.</summary>
public sealed record BuildMessage(string Code, string File, int Line, string Text);

/// <summary>Answers from a binary log: which tasks ran, which targets were skipped, what was reported and where.</summary>
public sealed class Binlog(string? path)
{
    private readonly Lazy<Build> build = new(() => BinaryLog.ReadBuild(path ?? throw new InvalidOperationException("The run wrote no binary log.")));

    public IReadOnlyList<BuildMessage> Errors => [.. build.Value.FindChildrenRecursive<Error>().Select(e => new BuildMessage(e.Code ?? "", e.File ?? "", e.LineNumber, e.Text ?? ""))];

    public IReadOnlyList<BuildMessage> Warnings => [.. build.Value.FindChildrenRecursive<Warning>().Select(w => new BuildMessage(w.Code ?? "", w.File ?? "", w.LineNumber, w.Text ?? ""))];

    /// <summary>How often a task was executed.</summary>
    public int Executions(string task) => build.Value.FindChildrenRecursive<Microsoft.Build.Logging.StructuredLogger.Task>(t => t.Name == task).Count;

    /// <summary>Files that the log carries along.</summary>
    public IReadOnlyList<string> EmbeddedFiles => [.. build.Value.SourceFiles?.Select(file => file.FullPath) ?? []];
}
