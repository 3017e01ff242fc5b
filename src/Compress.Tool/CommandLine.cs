using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Compress.Diagnostics;
using Compress.Policy;
using Compress.Tool.Verbs;

namespace Compress.Tool;

/// <summary>Verbs, options and help. The verb `compress` may be left out; `@file` stands for arguments in a file, one a line.</summary>
internal static class CommandLine
{
    private const string Examples = """
        Examples:
          dotnet compress init models/net.onnx                     write compress.yaml and its schema
          dotnet compress models/net.onnx                          compress as compress.yaml says
          dotnet compress                                          compress every model that compress.yaml names
          dotnet compress compress models/net.onnx --policy compress.yaml --output small.onnx --report small.json
          dotnet compress evaluate small.onnx --policy compress.yaml --as models/net.onnx --json
          dotnet compress search models/net.onnx --pareto front.json --by size --factors 4 8 12
          dotnet compress inspect models/net.onnx --groups

        Exit codes: 0 done, 1 gate or budget missed, 2 bad input, 3 internal error, 130 cancelled.
        """;

    public static int Invoke(string[] arguments, Terminal terminal, CancellationToken cancellation)
    {
        Command[] verbs =
        [
            new CompressVerb(terminal, cancellation).Command,
            new SearchVerb(terminal, cancellation).Command,
            new EvaluateVerb(terminal, cancellation).Command,
            new InspectVerb(terminal).Command,
            new InitVerb(terminal).Command,
            new SchemaVerb(terminal).Command,
        ];
        var help = new HelpOption();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        var root = new Command("dotnet-compress", "Compresses ONNX models under a YAML policy.")
        {
            help,
            new VersionOption(),
            new Option<bool>("--verbose") { Description = "Print the details of an internal error.", Recursive = true },
        };
        foreach (var verb in verbs) root.Subcommands.Add(verb);

        var parsed = root.Parse(WithVerb(arguments, verbs), new ParserConfiguration { ResponseFileTokenReplacer = ReadResponseFile });
        if (parsed.Errors.Count > 0 && parsed.GetResult(help) is null) throw Codes.BadArguments(parsed.Errors[0].Message.ReplaceLineEndings(" ")).Error();
        return parsed.Invoke(new InvocationConfiguration { Output = terminal.Output, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>`dotnet compress MODEL` means `dotnet compress compress MODEL`.</summary>
    private static IReadOnlyList<string> WithVerb(string[] arguments, Command[] verbs)
    {
        string[] complete = ["--help", "-h", "-?", "/?", "/h", "--version"];
        var first = arguments.FirstOrDefault() ?? "";
        if (first.StartsWith('@') || complete.Contains(first) || verbs.Any(verb => verb.Name == first)) return arguments;
        if (!first.StartsWith('-') && Path.GetExtension(first).Length == 0 && !Path.Exists(first) && Nearest.To(first, verbs.Select(verb => verb.Name)) is { } near)
            throw Codes.BadArguments($"There is no verb '{first}'. Did you mean '{near}'?").Error();
        return ["compress", .. arguments];
    }

    /// <summary>Lines are arguments as they stand: no quoting, no comments.</summary>
    private static bool ReadResponseFile(string file, out IReadOnlyList<string>? arguments, out string? why)
    {
        (arguments, why) = (null, null);
        try
        {
            arguments = [.. File.ReadAllLines(file).Where(line => line.Length > 0)];
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Told here: what the arguments lack without the file would be told first.
            throw Codes.BadArguments($"The file of arguments '{file}' can't be read: {e.Message}").Error(e);
        }
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        /// <summary>One who asks for help need not know yet what is required.</summary>
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parsed)
        {
            var result = help.Invoke(parsed);
            if (!parsed.CommandResult.Command.Parents.Any()) parsed.InvocationConfiguration.Output.WriteLine(Examples);
            return result;
        }
    }
}
