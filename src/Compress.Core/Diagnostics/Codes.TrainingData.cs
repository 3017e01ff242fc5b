namespace Compress.Diagnostics;

/// <summary>Data that can be read, but not learned from.</summary>
public static partial class Codes
{
    public static Diagnostic LabelsNotClasses(string labels) =>
        Error(3029, $"The array '{labels}' is to be learned as classes, but is not one integer a sample. Name another array in 'train: labels', or leave it out to learn from the float model.");
}
