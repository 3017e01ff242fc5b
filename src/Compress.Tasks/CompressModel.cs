using System.Globalization;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Compress.Tasks;

/// <summary>
/// Starts the tool for one model: <c>dotnet exec Compress.Tool.dll @arguments</c>. Decides nothing; what the tool writes as
/// <c>file(line,column): error CMPnnnn: text</c> becomes an MSBuild error or warning at that place, and a cancelled build ends the tool.
/// </summary>
public sealed class CompressModel : ToolTask
{
    /// <summary>The program to start: Compress.Tool.dll.</summary>
    [Required]
    public string Tool { get; set; } = "";

    /// <summary>The dotnet host; empty: the one that runs this build, else the SDK's, else the one on PATH.</summary>
    public string DotnetHost { get; set; } = "";

    /// <summary>Folder of the running SDK's host.</summary>
    public string DotnetRoot { get; set; } = "";

    [Required]
    public ITaskItem? Model { get; set; }

    [Required]
    public ITaskItem? Policy { get; set; }

    /// <summary>Where the compressed model goes; its companions get the same name and .report.json, .depends, .log, .target.</summary>
    [Required]
    public ITaskItem? Output { get; set; }

    /// <summary>Where the best candidate stays when the gate is missed.</summary>
    public ITaskItem? WorkFolder { get; set; }

    public ITaskItem? LockFile { get; set; }

    public bool Locked { get; set; }

    /// <summary>Versions of Microsoft.ML.OnnxRuntime packages that the project references; empty: none.</summary>
    public string ReferencedRuntime { get; set; } = "";

    /// <summary>Folder where results are kept; empty: the tool's choice; none: nothing is kept.</summary>
    public ITaskItem? Cache { get; set; }

    /// <summary>0: as many cores as MSBuild grants.</summary>
    public int Threads { get; set; }

    /// <summary>Time for a search; empty: as much as it takes.</summary>
    public string Minutes { get; set; } = "";

    public string Configuration { get; set; } = "";

    /// <summary>A name that each build of a project has for itself: in it, an error that several models have is logged once. Empty: for each.</summary>
    public string Once { get; set; } = "";

    /// <summary>The warnings' file of a model that this build compressed: not to be replayed.</summary>
    [Output]
    public string Ran => $"{Output}.log";

    protected override string ToolName => Path.GetFileName(HostPath);

    protected override Encoding ResponseFileEncoding => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    protected override Encoding StandardOutputEncoding => Encoding.UTF8;

    protected override Encoding StandardErrorEncoding => Encoding.UTF8;

    /// <summary>How the dotnet host says that it has no fitting runtime; Unix keeps the last byte.</summary>
    private const int RuntimeMissing = unchecked((int)0x80008096);

    /// <summary>The tool takes no more.</summary>
    private const int MostThreads = 256;

    private bool announced;

    /// <summary>An error was left out, because the log has it from another model.</summary>
    private bool repeats;

    private static bool OnWindows => Path.DirectorySeparatorChar == '\\';

    private string HostPath
    {
        get
        {
            var name = OnWindows ? "dotnet.exe" : "dotnet";
            var candidates = new[] { DotnetHost, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH"), DotnetRoot.Length > 0 ? Path.Combine(DotnetRoot, name) : "" };
            return Array.Find(candidates, path => !string.IsNullOrEmpty(path)) ?? name;
        }
    }

    protected override string GenerateFullPathToTool() => HostPath;

    protected override string GenerateCommandLineCommands()
    {
        var line = new CommandLineBuilder();
        line.AppendSwitch("exec");
        line.AppendFileNameIfNotNull(Tool);
        return line.ToString();
    }

    protected override string GetResponseFileSwitch(string responseFilePath) => $"\"@{responseFilePath}\"";

    /// <summary>One argument a line: no quoting, no limit on length.</summary>
    protected override string GenerateResponseFileCommands()
    {
        var output = FullPath(Output);
        List<string> arguments = ["compress", FullPath(Model), "--policy", FullPath(Policy), "--output", output, "--report", output + ".report.json"];
        arguments.AddRange(["--depends", output + ".depends", "--log", output + ".log", "--target", output + ".target"]);
        void Optional(string name, string value)
        {
            if (value.Length > 0) arguments.AddRange([name, value]);
        }
        Optional("--work", FullPath(WorkFolder));
        Optional("--lock", FullPath(LockFile));
        Optional("--cache", Cache?.ItemSpec == "none" ? "none" : FullPath(Cache));
        Optional("--configuration", Configuration);
        Optional("--onnxruntime", ReferencedRuntime);
        Optional("--threads", Threads > 0 ? Threads.ToString(CultureInfo.InvariantCulture) : "");
        Optional("--minutes", Minutes);
        if (Locked) arguments.Add("--locked");
        return string.Join("\n", arguments);
    }

    protected override bool HandleTaskExecutionErrors()
    {
        if (ExitCode is not (RuntimeMissing or RuntimeMissing & 0xFF)) return !repeats && base.HandleTaskExecutionErrors();
        return Fail("CMP0008", $"The tool needs the .NET 10 runtime or a newer one, and '{HostPath}' has none. Install it, or name a host that has one with CompressDotnetHost.");
    }

    private static string FullPath(ITaskItem? item) => item?.GetMetadata("FullPath") ?? "";

    /// <summary>The line that says what became of the model shows in every build; the stages show from normal verbosity on.</summary>
    protected override void LogEventsFromTextOutput(string singleLine, MessageImportance messageImportance)
    {
        if (singleLine.Contains(": error CMP") && IsRepeated(singleLine)) return;
        var outcome = singleLine.Contains(" -> ") || singleLine.Contains(" is left as it is: ");
        if (!outcome && !singleLine.Contains(": error CMP") && !singleLine.Contains(": warning CMP")) Announce();
        base.LogEventsFromTextOutput(singleLine, outcome ? MessageImportance.High : messageImportance);
    }

    /// <summary>With the first stage: what fails before it, or is left as it is, is not about to take minutes.</summary>
    private void Announce()
    {
        if (!announced && !Locked && !string.Equals(StandardOutputImportance, nameof(MessageImportance.High), StringComparison.OrdinalIgnoreCase))
            Log.LogMessage(MessageImportance.High, $"Compressing {Model!.ItemSpec}: unless lock or cache have the result, a search may take minutes; -p:CompressVerbosity=high shows its stages.");
        announced = true;
    }

    private bool Fail(string code, string text)
    {
        if (!IsRepeated(code + text)) Log.LogError(null, code, null, null, 0, 0, 0, 0, text);
        return false;
    }

    /// <summary>What fails every model, a typo in the policy for one, is one error; each of them fails all the same.</summary>
    private bool IsRepeated(string error)
    {
        if (Once.Length == 0 || BuildEngine is not IBuildEngine7 engine) return false;
        var key = $"{Once} {error}";
        if (engine.GetRegisteredTaskObject(key, RegisteredTaskObjectLifetime.Build) is null)
        {
            engine.RegisterTaskObject(key, key, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
            return false;
        }
        return repeats = engine.AllowFailureWithoutError = true;
    }

    public override bool Execute()
    {
        if (!File.Exists(Tool)) return Fail("CMP0007", $"The tool '{Tool}' does not exist. Restore the package again, or correct CompressToolPath.");
        if (Threads > 0 || BuildEngine is not IBuildEngine9 scheduler) return base.Execute();
        Threads = scheduler.RequestCores(Math.Min(Environment.ProcessorCount, MostThreads));
        try
        {
            return base.Execute();
        }
        finally
        {
            scheduler.ReleaseCores(Threads);
        }
    }
}
