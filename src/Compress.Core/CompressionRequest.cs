using Compress.Diagnostics;
using Compress.Policy;

namespace Compress;

/// <summary>What goes into one compression: the policy of one model, and where the results go.</summary>
public sealed record CompressionRequest
{
    public required ModelPolicy Policy { get; init; }

    /// <summary>The policy file, for hashes and for the lock file beside it; null when the policy was made in code.</summary>
    public string? PolicyFile { get; init; }

    /// <summary>What the paths of a policy are relative to, for names that hold on another machine too.</summary>
    public string Folder => Path.GetDirectoryName(Path.GetFullPath(PolicyFile ?? LockFile ?? Policy.Model.Value))!;

    /// <summary>Where the compressed model is put, by temporary name and rename, after the gate was passed.</summary>
    public required string Output { get; init; }

    /// <summary>JSON report; null: none.</summary>
    public string? Report { get; init; }

    /// <summary>Where the best candidate and its report stay when the gate is missed; null: the output's folder.</summary>
    public string? WorkFolder { get; init; }

    /// <summary>The lock file; null: none is read or written.</summary>
    public string? LockFile { get; init; }

    /// <summary>Refuse to search: the lock file must fit (CompressLocked=true).</summary>
    public bool Locked { get; init; }

    /// <summary>The version of Microsoft.ML.OnnxRuntime that the application references; null: not known.</summary>
    public string? ReferencedRuntime { get; init; }

    /// <summary>Content-addressed cache; null: none.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>When the search has taken so long, the best plan so far is carried out; null: it takes its time.</summary>
    public TimeSpan? SearchTime { get; init; }

    public int Threads { get; init; } = Environment.ProcessorCount;

    public IReporter Reporter { get; init; } = SilentReporter.Instance;
}
