namespace Compress.Diagnostics;

/// <summary>Data that can be read, but not learned from.</summary>
public static partial class Codes
{
    public static Diagnostic LabelsNotLearnable(string labels, IEnumerable<long> output, SourceLocation? at = null) =>
        Error(3029, $"The array '{labels}' is no label for the model's first output, which is [{string.Join(", ", output)}] for one sample: labels are class numbers for its axis 1, or values of its own shape. Name another array in 'train: labels', or leave it out to learn from the float model.", at);
}
