using System.Globalization;

namespace Compress.Diagnostics;

/// <summary>5xxx: planning and search.</summary>
public static partial class Codes
{
    public static Diagnostic BudgetMissed(SourceLocation at, string miss, string candidate) =>
        Error(5001, $"The budget is missed: {miss}. The best candidate is '{candidate}', its report beside it. Loosen the budget, or allow fewer bits or more pruning.", at);

    public static Diagnostic NoCalibration(SourceLocation at) =>
        Warning(5002, "The policy names no calibration data: weights are rounded without it and activations stay in float. Add 'calibration: data'.", at);

    public static Diagnostic NothingToCompress(SourceLocation at, string why) =>
        Warning(5003, $"Nothing of the model can be compressed: {why}. The model is passed on as it is.", at);

    public static Diagnostic TrainedWeightsMissing(string lockFile, string weights) =>
        Error(5014, $"The locked plan has trained weights ({weights}), and neither the cache nor the file of 'train.store' holds them. Bring one of them along, or build once without CompressLocked to train again.", new(lockFile));

    public static Diagnostic NotSmaller(SourceLocation at, long compressed, long original) =>
        Warning(5011, $"The compressed model has {compressed} bytes and the original {original}: what quantization adds to the graph outweighs what it saves. The model is passed on as it is. Ask for fewer bits or for pruning with 'budget: size'.", at);

    public static Diagnostic NotFaster(SourceLocation at, double compressed, double original) =>
        Warning(5020, string.Create(CultureInfo.InvariantCulture, $"The compressed model takes {compressed:0.###} ms on this machine and the original {original:0.###} ms, in float arithmetic too. The model is passed on as it is. To have it smaller at that price, ask for it with 'budget: size'."), at);

    public static Diagnostic Slower(SourceLocation at, double compressed, double original) =>
        Warning(5021, string.Create(CultureInfo.InvariantCulture, $"The compressed model takes {compressed:0.###} ms on this machine and the original {original:0.###} ms. Without the budget or target that asks for it, a faster form is chosen."), at);

    public static Diagnostic CandidateDoesNotRun(SourceLocation at, string why) =>
        Warning(5022, $"ONNX Runtime does not take the compressed model: {why.TrimEnd('.')}. The model is passed on as it is. With 'runtime:' an old native library may be the cause; else this is a fault of Compress.Build, please report it.", at);

    public static Diagnostic SumsMaySaturate(SourceLocation at, IEnumerable<string> layers) =>
        Warning(5024, $"On processors without VNNI sums of products may saturate in {string.Join(", ", layers)}: two of its weights are so large that activations exist for which 16 bits do not hold the sum. Without 'quantize: {{ allow-overflow: true }}' no weights are.", at);

    public static Diagnostic NotMeasurable(SourceLocation at, string why) =>
        Warning(5023, $"The float model can't be run here, so nothing about a compressed one could be checked: {why.TrimEnd('.')}. The model is passed on as it is.", at);

    public static Diagnostic FrontOfTraining(string method, SourceLocation at) =>
        Error(5025, $"'method: {method}' is nothing without training, and a front is not trained. Choose another method, or compress under one budget after the other.", at);
}
