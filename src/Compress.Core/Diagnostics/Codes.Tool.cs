namespace Compress.Diagnostics;

/// <summary>
/// 00xx: the tool's own words. Seven codes are raised before it starts, by build/Compress.Build.targets (CMP0001 and CMP0002: two models at one place
/// in the output, CMP0015 and CMP0016: a place that is none, CMP0014: a policy without models) and by the task (CMP0007: no tool, CMP0008: no runtime for it).
/// </summary>
public static partial class Codes
{
    public static Diagnostic BadArguments(string why) =>
        Error(0003, $"{why} 'dotnet compress --help' shows what can be asked.");

    public static Diagnostic AlreadyExists(string path) =>
        Error(0004, $"The file exists already. Choose another place with --policy, or replace it with --force.", new(path));

    public static Diagnostic OutputIsInput(string path, string what) =>
        Error(0005, $"A result would overwrite {what}. Choose another place for it.", new(path));

    public static Diagnostic NothingToEvaluate(SourceLocation at) =>
        Error(0006, "The policy has no validation data for this model, so there is nothing to evaluate it with. Add 'accuracy:' with 'data'.", at);

    public static Diagnostic NoModel(SourceLocation at, string? configuration) =>
        Error(0009, configuration is null ? "The policy names no model. Name one: dotnet compress MODEL." : $"The policy compresses no model for '{configuration}'. Name one, or another configuration.", at);
}
