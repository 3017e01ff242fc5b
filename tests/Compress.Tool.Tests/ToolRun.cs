namespace Compress.Tool.Tests;

/// <summary>One run of the tool inside the test's process.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public static ToolRun Of(params string[] arguments) => Of(CancellationToken.None, arguments);

    public static ToolRun Of(CancellationToken cancellation, params string[] arguments)
    {
        using var output = new StringWriter();
        return Of(output, cancellation, arguments);
    }

    /// <summary>A run that <paramref name="meanwhile"/> something happens beside, with each line that the tool prints.</summary>
    public static ToolRun Of(Action meanwhile, params string[] arguments)
    {
        using var output = new WatchedWriter(meanwhile);
        return Of(output, CancellationToken.None, arguments);
    }

    private static ToolRun Of(StringWriter output, CancellationToken cancellation, string[] arguments)
    {
        using var error = new StringWriter();
        var exitCode = Program.Run(arguments, output, error, bar: null, cancellation);
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>A run in which something breaks that nobody expected to.</summary>
    public static ToolRun Crashing() => Of(new InvalidOperationException("the writer broke."));

    /// <summary>A run whose output goes to a file that can't grow.</summary>
    public static ToolRun OnFullDisk() => Of(new IOException("No space left on device"));

    private static ToolRun Of(Exception onWriting)
    {
        using var error = new StringWriter();
        return new(Program.Run(["schema"], new BrokenWriter(onWriting), error, bar: null, CancellationToken.None), "", error.ToString());
    }

    private sealed class WatchedWriter(Action written) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            written();
        }
    }

    private sealed class BrokenWriter(Exception failure) : StringWriter
    {
        public override void Write(string? value) => throw failure;
    }

    /// <summary>Fails the test, with all that was printed, when the run ended otherwise.</summary>
    public ToolRun Expect(int exitCode) => ExitCode == exitCode ? this : throw new AssertFailedException($"exit code {ExitCode}, not {exitCode}:\n{Output}{Error}");
}
