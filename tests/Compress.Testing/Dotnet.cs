using System.Diagnostics;

namespace Compress.Testing;

/// <summary>What a run of dotnet did: its exit code, all it printed, and its binary log when there is one.</summary>
public sealed record DotnetRun(int ExitCode, string Text, Binlog Log)
{
    /// <summary>Fails the test with the whole output when the run did not end as it should.</summary>
    public DotnetRun Expect(int exitCode) => ExitCode == exitCode ? this : throw new InvalidOperationException($"exit code {ExitCode}, not {exitCode}:\n{Text}");
}

/// <summary>Runs dotnet as a stranger would: nothing of the surrounding build leaks in, no server or node stays behind.</summary>
public static class Dotnet
{
    private static readonly string[] Leaking = ["MSBUILD", "VSTEST", "TESTINGPLATFORM", "COMPRESS", "NUGET", "GITHUB_", "TF_BUILD", "DOTNET_HOST_PATH", "DOTNET_ROOT", "DOTNET_STARTUP"];

    public static DotnetRun Run(string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(folder, arguments, environment, out var text);
        if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"dotnet did not end:\n{text}");
        }
        process.WaitForExit();
        return new DotnetRun(process.ExitCode, text.ToString(), new Binlog(LogOf(arguments)));
    }

    /// <summary>Starts without waiting; <paramref name="text"/> collects what it prints.</summary>
    public static Process Start(string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, out Transcript text)
    {
        var host = Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";
        // A test run in the background of a shell ignores interrupts, and would hand that on to what it starts.
        var start = new ProcessStartInfo(OperatingSystem.IsLinux() ? "env" : host, OperatingSystem.IsLinux() ? ["--default-signal=INT", host, .. arguments] : arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(key => key == "CI" || Leaking.Any(prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))).ToArray())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;

        var lines = text = new Transcript();
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => lines.Append(e.Data);
        process.ErrorDataReceived += (_, e) => lines.Append(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static string? LogOf(IEnumerable<string> arguments) => arguments.FirstOrDefault(a => a.StartsWith("-bl:", StringComparison.Ordinal))?[4..];
}
