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
}
