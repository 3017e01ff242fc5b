using System.CommandLine;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Tool.Verbs;

/// <summary>`init MODEL`: writes a commented policy for a model, and the schema that editors check it with.</summary>
internal sealed class InitVerb
{
    private readonly Argument<string> model = Options.Model<string>("The float model.");
    private readonly Option<string> policy = Options.Policy();
    private readonly Option<bool> force = new("--force") { Description = "Replace a policy that is there." };
    private readonly Terminal terminal;

    public InitVerb(Terminal terminal)
    {
        this.terminal = terminal;
        Command = new("init", "Write a commented policy for a model.") { model, policy, force };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        var file = Path.GetFullPath(parsed.GetValue(policy)!);
        if (File.Exists(file) && !parsed.GetValue(force)) throw Codes.AlreadyExists(file).Error();
        var folder = Path.GetDirectoryName(file)!;
        var path = Path.GetFullPath(parsed.GetValue(model)!);
        var read = OnnxReader.Read(path);
        OutputFiles.Check([file, Path.Combine(folder, PolicySchema.FileName)], [(path, "the model")]);

        AtomicFile.Write(file, PolicyTemplate.For(Path.GetRelativePath(folder, path), notes: [.. ModelInput.Of(read.Graph).Select(input => $"input {input.Name}: {input}")]));
        AtomicFile.Write(Path.Combine(folder, PolicySchema.FileName), PolicySchema.Json());
        terminal.Stage($"wrote {parsed.GetValue(policy)} and {PolicySchema.FileName}: name the calibration and validation data, then run 'dotnet compress'");
        return ExitCode.Done;
    }
}
