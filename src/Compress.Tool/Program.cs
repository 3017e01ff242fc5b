using System.Runtime.InteropServices;
using System.Text;
using Compress.Diagnostics;

namespace Compress.Tool;

/// <summary>The command `dotnet compress`, and the process that the MSBuild task starts.</summary>
public static class Program
{
    public static int Main(string[] arguments)
    {
        using var cancellation = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return Run(arguments, Console.Out, Console.Error, ProgressBar.OnTerminal(), cancellation.Token);

        void Cancel(PosixSignalContext context)
        {
            // A second one ends the process: not all reading looks at the first.
            context.Cancel = !cancellation.IsCancellationRequested;
            cancellation.Cancel();
        }
    }

    /// <summary>All of the program but the process around it: tests call this.</summary>
    /// <param name="arguments">As on the command line.</param>
    /// <param name="output">Results and stages.</param>
    /// <param name="error">Diagnostics, one canonical line each.</param>
    /// <param name="bar">Shows progress within a stage; null: nothing does.</param>
    /// <param name="cancellation">Ends the run with code 130 and nothing put in place.</param>
    internal static int Run(string[] arguments, TextWriter output, TextWriter error, ProgressBar? bar, CancellationToken cancellation)
    {
        var console = new Terminal(new CodedWriter(output, "standard output"), error, bar);
        try
        {
            return CommandLine.Invoke(arguments, console, cancellation);
        }
        catch (CompressionException failure)
        {
            console.Report(failure.Diagnostic);
            return ExitCode.Of(failure.Diagnostic);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            console.Stage("cancelled");
            return ExitCode.Cancelled;
        }
        catch (Exception bug)
        {
            console.Report(Codes.Internal(bug));
            if (arguments.Contains("--verbose")) error.WriteLine(bug);
            return ExitCode.Internal;
        }
    }
}
