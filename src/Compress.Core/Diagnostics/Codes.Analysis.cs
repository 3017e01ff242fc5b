namespace Compress.Diagnostics;

/// <summary>4xxx: facts about the model.</summary>
public static partial class Codes
{
    public static Diagnostic LayerNotFinite(string layer) =>
        Error(4001, $"With the calibration data, what layer '{layer}' takes or gives is NaN or infinite, so nothing can be learned from it. Remove the samples that make it so, or correct 'preprocess'.");
}
