using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Data;

/// <summary>What a format needs to open a file or folder: where it is, where the policy names it, and what it is for.</summary>
internal sealed record DataRequest(string Path, SourceLocation At, Preprocess Preprocess, IReadOnlyList<ModelInput> Inputs, IReadOnlyList<string> Extras, SourceLocation ExtrasAt)
{
    private static readonly HashSet<string> UsualExtras = new(["label", "labels", "target", "targets", "class", "classes"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Labels and targets, by the policy's word or by custom: never taken for a model's input under another name.</summary>
    public bool IsExtra(string array) => Extras.Contains(array) || UsualExtras.Contains(array);
}
