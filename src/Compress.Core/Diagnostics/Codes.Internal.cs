namespace Compress.Diagnostics;

/// <summary>9xxx: bugs of ours.</summary>
public static partial class Codes
{
    public static Diagnostic Internal(Exception bug) =>
        Error(9001, $"Internal error: {bug.GetType().Name}: {bug.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Please report it with the policy and the model; --verbose prints the details.");

    public static Diagnostic StageBroke(string stage, Diagnostic broken) =>
        Error(9002, $"Internal error: {stage} left a graph that breaks a rule: {broken.Message} Please report it with the policy and the model.");
}
