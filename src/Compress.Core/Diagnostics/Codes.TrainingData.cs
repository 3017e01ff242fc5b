namespace Compress.Diagnostics;

/// <summary>Data that can be read, but not learned from.</summary>
public static partial class Codes
{
    public static Diagnostic LabelsNotLearnable(string labels, IEnumerable<long> output, SourceLocation? at = null) =>
        Error(3029, $"The array '{labels}' is no label for the model's first output, which is [{string.Join(", ", output)}] for one sample: labels are class numbers, one a sample or one at each position, or values of its own shape. Name another array in 'train: labels', or leave it out to learn from the float model.", at);

    public static Diagnostic ClassOutOfRange(string labels, double number, long classes, SourceLocation? at = null) =>
        Error(3030, FormattableString.Invariant($"The array '{labels}' has the class number {number}, but the model's output has the classes 0 to {classes - 1}. Class numbers count from 0; give a negative number where nothing is known."), at);
}
