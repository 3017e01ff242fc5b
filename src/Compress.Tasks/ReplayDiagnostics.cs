using Microsoft.Build.Framework;

namespace Compress.Tasks;

/// <summary>Logs the warnings of an earlier build again, so that they don't vanish when nothing changed.</summary>
public sealed class ReplayDiagnostics : Microsoft.Build.Utilities.Task
{
    [Required]
    public string[] Files { get; set; } = [];

    public override bool Execute()
    {
        foreach (var file in Files) Log.LogMessagesFromFile(file, MessageImportance.Normal);
        return !Log.HasLoggedErrors;
    }
}
