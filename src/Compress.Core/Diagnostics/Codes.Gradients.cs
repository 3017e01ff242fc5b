namespace Compress.Diagnostics;

/// <summary>45xx: gradients.</summary>
public static partial class Codes
{
    public static Diagnostic NoGradient(string op, string layer, string why) =>
        Error(4501, $"No gradient can be taken through {op} at '{layer}': {why}. Training needs a model without it; leave out 'train'.");

    public static Diagnostic GradientNotFloat(string layer, string value, string type) =>
        Error(4502, $"Gradients are taken in float32, and '{value}' at {layer} is {type}. Export the model in float32, or leave out 'train'.");
}
