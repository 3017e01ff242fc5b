using System.Globalization;

namespace Compress.Diagnostics;

/// <summary>7xxx: evaluation and gate.</summary>
public static partial class Codes
{
    public static Diagnostic GateMissed(SourceLocation at, string outcome, string candidate, Severity severity) =>
        Error(7001, $"The accuracy gate was missed: {outcome}. The best candidate is '{candidate}', its report beside it. Ask for less compression, or allow a larger loss.", at) with { Severity = severity };

    public static Diagnostic NothingChecked(SourceLocation at) =>
        Warning(7002, "The accuracy of the compressed model was not checked: the policy names no validation data. Add 'accuracy:' with 'data' and a 'metric'; cosine, kl and agreement need no labels.", at);

    public static Diagnostic LabelsMissing(SourceLocation at, string name, IEnumerable<string> arrays) =>
        Error(7003, $"The validation data have no array '{name}' (they have: {List(arrays)}). Name the array with 'labels:', or take a metric without labels: cosine, kl or agreement.", at);

    public static Diagnostic LabelOutOfRange(SourceLocation at, double label, int classes) =>
        Error(7004, string.Create(CultureInfo.InvariantCulture, $"The validation data have the label {label}, but the model's output has the classes 0 to {classes - 1}. Do labels and model belong together? Labels count from 0."), at);

    public static Diagnostic TargetsDoNotFit(SourceLocation at, string metric, long[] output, long[] target) =>
        Error(7005, $"Metric '{metric}' can't compare an output of shape [{string.Join(", ", output)}] with values of shape [{string.Join(", ", target)}]. {Expectation(metric)} Choose the right array with 'labels:', the right output with 'output:', or use 'metric: command'.", at);

    public static Diagnostic OutputMissing(SourceLocation at, string name, IEnumerable<string> outputs, string hint) =>
        Error(7006, $"The model has no output '{name}'; it has: {List(outputs)}.{hint}", at);

    public static Diagnostic PsnrNeedsMin(SourceLocation at) =>
        Error(7007, "psnr against the float model's own output is infinite for the float model, so 'max-drop' has no meaning. Use 'min', for example min: 40, or name a target array with 'labels:'.", at);

    public static Diagnostic CommandNotFound(SourceLocation at, string program, string why) =>
        Error(7008, $"The program '{program}' of 'metric: command' can't be started: {why}. Give its full path, or install it.", at);

    public static Diagnostic CommandFailed(SourceLocation at, string command, int exitCode, string lastError) =>
        Error(7009, $"'{command}' ended with exit code {exitCode}{(lastError.Length > 0 ? $": {lastError.TrimEnd('.')}" : "")}. Run it by hand with the model's path in place of {{model}}.", at);

    public static Diagnostic CommandTimedOut(SourceLocation at, string command, TimeSpan limit) =>
        Error(7010, string.Create(CultureInfo.InvariantCulture, $"'{command}' did not end within {limit.TotalSeconds:0.#} s and was stopped. Give it fewer samples, or raise 'timeout:'."), at);

    public static Diagnostic CommandPrintedNoNumber(SourceLocation at, string command, string line) =>
        Error(7011, line.Length == 0
            ? $"'{command}' printed nothing. Its last line must be the metric, a number such as 93.2."
            : $"The last line that '{command}' printed is '{line}', which is no number. Its last line must be the metric alone, such as 93.2.", at);

    public static Diagnostic NoValidationSamples(SourceLocation at) =>
        Error(7012, "The validation data have no samples. Check 'data:' and 'samples:' under 'accuracy:'.", at);

    public static Diagnostic SamplesNotOnAxis0(SourceLocation at, long[] output, int samples) =>
        Error(7013, $"The output that is compared has shape [{string.Join(", ", output)}], and its first axis does not count the {samples} samples of the model's fixed batch: a sample's part can't be told. Name another output with 'output:', or export the model with a dynamic batch.", at);

    public static Diagnostic CommandWaitsForItself(SourceLocation at) =>
        Error(7014, "The program of 'metric: command' builds a project that compresses this very model, and would wait for its own end. Add --no-build or -p:CompressEnabled=false to the command, or leave the model out of that project: the file to measure is {model}.", at);

    public static Diagnostic NothingBounds(SourceLocation at) =>
        Warning(7015, "The accuracy of the compressed model was measured, but nothing bounds it: whatever it loses, the build passes. Add 'max-drop' or 'min' to 'accuracy'.", at);

    public static Diagnostic InputsDiffer(string path, string input, string original, IEnumerable<string> known) =>
        Error(7016, $"The model has an input '{input}', but it is measured with the data of '{original}', whose inputs are {List(known)}. Name the float model that it was made from with '--as'.", new(path));

    public static Diagnostic OutputNotNumbers(SourceLocation at, string output, IEnumerable<string> others) =>
        Error(7017, $"The metric looks at '{output}', which is no tensor of numbers. Name an output that is one with 'output:' (there are: {List(others)}).", at);

    private static string Expectation(string metric) => metric switch
    {
        "top1" or "top5" => "It needs a class number for each prediction, not a value for each class.",
        "iou" => "It needs boxes [N, 4] (centre x, centre y, width, height) on both sides.",
        _ => "It needs as many values as the output has.",
    };

    private static string List(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";
}
