using System.ComponentModel;
using System.Diagnostics;

namespace Compress.Evaluate;

/// <summary>What a program left behind.</summary>
/// <param name="LastLine">The last line of its output that is not empty.</param>
/// <param name="LastError">The last such line of its error output.</param>
/// <param name="SaidIt">Whether a line of either had the words that were listened for.</param>
/// <param name="NotStarted">Why it could not be started.</param>
internal sealed record ChildResult(int ExitCode, string LastLine, string LastError, bool TimedOut = false, bool SaidIt = false, string? NotStarted = null);

/// <summary>Runs a program to its end, its time limit or cancellation; then nothing of it is left running.</summary>
internal static class ChildProcess
{
    /// <summary>A program that a builder started may leave servers behind that hold its output open; nothing more comes from those.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    /// <param name="listenFor">Words that a line of what it prints may have; null: none.</param>
    public static ChildResult Run(IReadOnlyList<string> words, string? folder, TimeSpan limit, CancellationToken cancellation, string? listenFor = null)
    {
        // A path, unlike a bare name, would be looked for from where this process runs.
        var isPath = folder is { Length: > 0 } && Path.GetDirectoryName(words[0]) is { Length: > 0 };
        var start = new ProcessStartInfo(isPath ? Path.GetFullPath(words[0], Path.GetFullPath(folder!)) : words[0], words.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder is { Length: > 0 } ? folder : Environment.CurrentDirectory,
        };
        ForgetBuild(start.Environment);
        Turns.Tell(start.Environment);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or FileNotFoundException)
        {
            return new(-1, "", "", NotStarted: e.Message);
        }
        process.StandardInput.Close();
        var output = new Listener(process.StandardOutput, listenFor);
        var error = new Listener(process.StandardError, listenFor);

        using var registration = cancellation.Register(() => End(process));
        var ended = process.WaitForExit(limit);
        if (!ended) End(process);
        cancellation.ThrowIfCancellationRequested();
        var (line, errorLine) = ended ? (output.Text(), error.Text()) : ("", "");
        return new(ended ? process.ExitCode : -1, line, errorLine, TimedOut: !ended, SaidIt: output.SaidIt || error.SaidIt);
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(OutputGrace);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It ended by itself in the same moment.
        }
    }

    /// <summary>A build around us sets variables that mislead a `dotnet` started here, and its servers would outlive it.</summary>
    private static void ForgetBuild(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) environment.Remove(name);
        environment["MSBUILDDISABLENODEREUSE"] = "1";
        environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
    }

    /// <summary>Keeps the last line of a stream that is not empty, read on a thread of its own: the pool's may all wait for programs.</summary>
    private sealed class Listener
    {
        private readonly Thread thread;
        private string last = "";
        private volatile bool saidIt;

        public Listener(StreamReader reader, string? listenFor)
        {
            thread = new Thread(() => Read(reader, listenFor)) { IsBackground = true };
            thread.Start();
        }

        public bool SaidIt => saidIt;

        public string Text()
        {
            thread.Join(OutputGrace);
            return Volatile.Read(ref last);
        }

        private void Read(StreamReader reader, string? listenFor)
        {
            try
            {
                while (reader.ReadLine() is { } line)
                {
                    if (listenFor is not null && line.Contains(listenFor, StringComparison.Ordinal)) saidIt = true;
                    if (!string.IsNullOrWhiteSpace(line)) Volatile.Write(ref last, line.Trim());
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The process is gone and its stream closed; what was read counts.
            }
        }
    }
}
