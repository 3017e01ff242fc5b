namespace Compress.Diagnostics;

/// <summary>1xxx: the policy. Every one but the first three points at a line and a column.</summary>
public static partial class Codes
{
    public static Diagnostic PolicyMissing(string path) =>
        Error(1001, $"The policy '{path}' does not exist. 'dotnet compress init MODEL' writes one.", new(path));

    public static Diagnostic PolicyUnreadable(string path, string why) =>
        Error(1002, $"The policy can't be read: {why}", new(path));

    public static Diagnostic PolicyEmpty(string path) =>
        Error(1003, "The policy is empty. It needs at least 'version: 1' and 'models:' or 'defaults:'.", new(path, 1, 1));

    public static Diagnostic PolicySyntax(string why, SourceLocation at) =>
        Error(1004, $"The policy is not valid YAML: {why}", at);

    public static Diagnostic TabIndentation(SourceLocation at) =>
        Error(1005, "The line is indented with a tab. YAML wants spaces: replace the tab by spaces.", at);

    public static Diagnostic SeveralDocuments(SourceLocation at) =>
        Error(1006, "A second YAML document starts here. A policy is one document: list several models under 'models:'.", at);

    public static Diagnostic UnquotedStar(SourceLocation at) =>
        Error(1007, "Text that starts with '*' needs quotes, because YAML reads it as an alias: write \"*\" instead of *.", at);

    public static Diagnostic VersionUnsupported(int version, SourceLocation at) =>
        Error(1008, $"Version {version} of the policy format is not known; this release reads version 1. Update the package, or write 'version: 1'.", at);

    public static Diagnostic UnknownKey(string key, string section, string hint, SourceLocation at) =>
        Error(1010, $"'{key}' is not a key of {section}. {hint}", at);

    public static Diagnostic DuplicateKey(string key, int firstLine, SourceLocation at) =>
        Error(1011, $"'{key}' stands here a second time, the first is on line {firstLine}. Remove one.", at);

    public static Diagnostic MissingKey(string section, SourceLocation at, params string[] keys) =>
        Error(1012, $"{section} needs {(keys.Length > 1 ? "at least one of " : "")}'{string.Join("', '", keys)}'.", at);

    public static Diagnostic WrongType(string subject, string expected, string found, SourceLocation at) =>
        Error(1013, $"{subject} must be {expected}, not {found}.", at);

    public static Diagnostic OutOfRange(string subject, string expected, string found, SourceLocation at) =>
        Error(1014, $"{subject} must be {expected}; {found} is out of range.", at);

    public static Diagnostic UnknownValue(string subject, string value, string hint, SourceLocation at) =>
        Error(1015, $"{subject} does not know '{value}'. {hint}", at);

    public static Diagnostic ListedTwice(string subject, string value, SourceLocation at) =>
        Error(1016, $"{subject} lists {value} twice. Remove one.", at);

    public static Diagnostic FileMissing(string subject, string path, string hint, SourceLocation at) =>
        Error(1020, $"{subject} names '{path}', which does not exist.{hint}", at);

    public static Diagnostic PatternMatchesNothing(string subject, string pattern, string folder, SourceLocation at) =>
        Error(1021, $"{subject} has the pattern '{pattern}', which matches no file under '{folder}'.", at);

    public static Diagnostic OutputOutside(string output, SourceLocation at) =>
        Error(1022, $"'output' is a path inside the application's output folder; '{output}' leaves it. Write a relative path without '..'.", at);

    public static Diagnostic SameOutput(string output, string model, int firstLine, SourceLocation at) =>
        Error(1023, $"'{model}' would be written to '{output}', as the entry on line {firstLine} already is. Give one of them another 'output', limit them by 'when', or choose one with --configuration.", at);

    public static Diagnostic ModelAmbiguous(string model, string lines, SourceLocation at) =>
        Error(1024, $"Several entries of the policy name '{model}' (lines {lines}). Choose one with --configuration where they have different 'when'; else limit them by it, or remove all but one.", at);

    public static Diagnostic ModelNotNamed(string model, string hint, SourceLocation at) =>
        Error(1025, $"No entry of the policy names '{model}', and there are no 'defaults' to fall back on.{hint}", at);

    public static Diagnostic BudgetOutOfReach(string budget, string why, SourceLocation at) =>
        Error(1030, $"'{budget}' can't be reached: {why}", at);

    public static Diagnostic CommandMissing(SourceLocation at) =>
        Error(1031, "'metric: command' needs the command. Add 'command:', a command line with {model} in it.", at);

    public static Diagnostic OnlyForCommand(string key, SourceLocation at) =>
        Error(1032, $"'{key}' has no effect here: it belongs to 'metric: command'. Set that metric, or remove '{key}'.", at);

    public static Diagnostic CommandWithoutModel(SourceLocation at) =>
        Error(1033, "The command never names the model that it should judge. Put {model} where its path belongs.", at);

    public static Diagnostic GateMeaningless(string key, string value, string why, SourceLocation at) =>
        Error(1034, $"'{key}: {value}' makes no sense for this metric: {why}", at);

    public static Diagnostic FloatWithBits(string key, SourceLocation at) =>
        Error(1035, $"The rule keeps its layers in float and gives them {key} bits as well. Remove 'keep: float' or '{key}'.", at);

    public static Diagnostic BitsWithoutQuantize(string key, SourceLocation at) =>
        Error(1036, $"The rule sets {key} bits, but this model has 'quantize: none'. Remove '{key}' here, or 'quantize: none'.", at);

    public static Diagnostic ActivationsUnused(SourceLocation at) =>
        Error(1037, "The target 'weight-only' computes in float, so 'activations' has no effect. Remove it, or choose another target.", at);

    public static Diagnostic CalibrationNeeded(string key, string value, SourceLocation at) =>
        Error(1038, $"'{key}: {value}' is learned from samples, and there are none. Add 'calibration: {{ data: … }}'.", at);

    public static Diagnostic ChannelCountsDiffer(int means, int deviations, SourceLocation at) =>
        Error(1039, $"'mean' has {means} values and 'std' has {deviations}. Give one value, or one a channel, to both.", at);

    public static Diagnostic NothingToLearn(SourceLocation at) =>
        Error(1040, "Training has nothing to learn from: 'distill' is false and there are no 'labels'. Add 'labels', or remove 'distill: false'.", at);

    public static Diagnostic RuleMatchesNothing(string selector, string hint, SourceLocation at) =>
        Error(1041, $"No layer has {selector}.{hint}", at);

    public static Diagnostic SharedRuleMatchesNothing(string selector, string hint, SourceLocation at) =>
        Warning(1042, $"No layer of this model has {selector}; the rule, written for several models, does nothing here.{hint}", at);

    public static Diagnostic RuleNeverReached(string selector, int earlierLine, SourceLocation at) =>
        Error(1043, $"Every layer with {selector} is taken by an earlier rule (line {earlierLine}); the first match wins. Put this rule before it.", at);

    public static Diagnostic UnusedByTarget(string setting, string target, SourceLocation at) =>
        Error(1044, $"The target '{target}' has no kernels for '{setting}'. Remove it, or choose the target 'onnxruntime'.", at);

    public static Diagnostic MethodNeedsTraining(string method, SourceLocation? at) =>
        Error(1045, $"'method: {method}' is learned by training, on calibrated grids. Add 'train: {{ data: … }}' and 'calibration: {{ data: … }}', or choose another method.", at);

    public static Diagnostic UnusedByMethod(string setting, string method, SourceLocation at) =>
        Error(1046, $"'{setting}' has no effect on 'method: {method}'. Remove it, or choose 'method: auto'.", at);

    public static Diagnostic StoreTaken(string file, string what, SourceLocation at) =>
        Error(1047, $"The trained weights would be written to '{file}', which is {what}. Name another file in 'train: store'.", at);
}
