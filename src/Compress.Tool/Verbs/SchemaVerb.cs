using System.CommandLine;
using Compress.Policy;

namespace Compress.Tool.Verbs;

/// <summary>`schema`: the JSON schema of policies, for editors.</summary>
internal sealed class SchemaVerb
{
    public SchemaVerb(Terminal terminal)
    {
        Command = new("schema", "Print the JSON schema of policies.");
        Command.SetAction(_ =>
        {
            terminal.Output.Write(PolicySchema.Json());
            return ExitCode.Done;
        });
    }

    public Command Command { get; }
}
