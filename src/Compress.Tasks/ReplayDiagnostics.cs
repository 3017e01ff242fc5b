using System.IO;
using System.Linq;
using Microsoft.Build.Framework;

namespace Compress.Tasks;

/// <summary>Logs the warnings of an earlier build again, so that they don't vanish when nothing changed.</summary>
public sealed class ReplayDiagnostics : Microsoft.Build.Utilities.Task
{
    [Required]
    public string[] Files { get; set; } = [];

    public override bool Execute()
    {
        // MSBuild's own reader of files takes them for the system's code page under .NET Framework; the log is UTF-8.
        foreach (var line in Files.SelectMany(file => File.ReadAllLines(file))) Log.LogMessageFromText(line, MessageImportance.Normal);
        return !Log.HasLoggedErrors;
    }
}
