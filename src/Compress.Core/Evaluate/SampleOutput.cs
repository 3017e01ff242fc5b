using Compress.Graph;

namespace Compress.Evaluate;

/// <summary>
/// One sample's part of a graph output, seen as scores of classes (see <see cref="ClassAxis"/>) at positions.
/// </summary>
internal readonly ref struct SampleOutput
{
    private readonly bool classesFirst;

    /// <param name="values">The sample's values in row-major order.</param>
    /// <param name="dims">The sample's dimensions, without the batch axis.</param>
    public SampleOutput(ReadOnlySpan<float> values, ReadOnlySpan<long> dims)
    {
        Values = values;
        var axis = ClassAxis.Of(dims.Length + 1) - 1;
        classesFirst = axis < dims.Length - 1;
        Classes = dims.Length == 0 ? 1 : (int)dims[axis];
        Positions = Classes == 0 ? 0 : values.Length / Classes;
    }

    public ReadOnlySpan<float> Values { get; }

    public int Classes { get; }

    public int Positions { get; }

    public float this[int position, int @class] => Values[classesFirst ? @class * Positions + position : position * Classes + @class];

    /// <summary>True when axis 0 of <paramref name="output"/> counts the samples of its batch; a batch of one is always its own sample.</summary>
    public static bool Splits(Tensor output, int samples) => samples == 1 || (output.Rank > 0 && output.Dims[0] == samples);

    /// <summary>Sample <paramref name="index"/> of a batch output that <see cref="Splits"/>.</summary>
    public static SampleOutput Of(Tensor output, int samples, int index)
    {
        var hasBatchAxis = output.Rank > 0 && output.Dims[0] == samples;
        var length = (int)(output.Count / samples);
        return new(output.Floats().AsSpan(index * length, length), output.Dims.AsSpan(hasBatchAxis ? 1 : 0));
    }
}
