namespace Compress.Diagnostics;

/// <summary>45xx: gradients.</summary>
public static partial class Codes
{
    public static Diagnostic NoGradient(string op, string layer, string why) =>
        Error(4501, $"No gradient can be taken through {op} at '{layer}': {why}. Training needs a model without it; leave out 'train' and 'reconstruct'.");

    public static Diagnostic GradientNotFloat(string layer, string value, string type) =>
        Error(4502, $"Gradients are taken in float32, and '{value}' at {layer} is {type}. Export the model in float32, or leave out 'train' and 'reconstruct'.");

    public static Diagnostic GradientOfOneSize() =>
        Error(4503, "The samples have several sizes, and the gradients of this model are not the same graph for all of them. Give samples of one size, or leave out 'train' and 'reconstruct'.");

    public static Diagnostic SamplesNotRows(string input) =>
        Error(4504, $"Input '{input}' does not take any number of samples along its first axis: they can't be mixed anew for each step of a reconstruction. Leave out 'reconstruct'.");

    public static Diagnostic NoOutputToLearn(IEnumerable<string> outputs) =>
        Error(4505, $"None of the model's outputs ({string.Join(", ", outputs)}) is a float32 tensor: there is nothing to learn from. Export the model in float32, or leave out 'train' and 'reconstruct'.");

    public static Diagnostic TrainingDiverged(int step, double rate) =>
        Error(4506, FormattableString.Invariant($"Training diverged: the loss is not a number after {step} steps. Lower 'train: rate' (now {rate}); where it is so from the first step on, look for values that are not finite in the data and labels."));

    public static Diagnostic NoiseOfOneShape(string layer, IEnumerable<long> dims, int samples) =>
        Error(4509, $"'qap' draws noise for each sample along the first axis, of the size that the calibration samples have, and layer '{layer}' gives [{string.Join(", ", dims)}] for {samples} samples to train on. Give samples of one size to both, or train with another method.");

    public static Diagnostic ReconstructionUnused(SourceLocation at) =>
        Warning(4508, "'reconstruct' has no effect beside 'train', which learns from more samples. Remove one of the two.", at);

    public static Diagnostic CutoutUnused(SourceLocation at) =>
        Warning(4507, "'cutout' has no effect: training changes images only where outputs are class scores and labels, if any, are of whole samples. Remove it.", at);
}
