using System.Numerics.Tensors;
using Tensor = Compress.Graph.Tensor;

namespace Compress.Data;

/// <summary>y = (x · scale − mean) / std. An empty list means 0 and 1; one value counts for all, several go along <paramref name="Axis"/>.</summary>
internal sealed record Normalization(float Scale, IReadOnlyList<float> Mean, IReadOnlyList<float> Std, int Axis)
{
    /// <summary>Float32 of the same dimensions.</summary>
    public Tensor Apply(Tensor tensor)
    {
        var x = tensor.Floats();
        var y = new float[x.Length];
        var perChannel = Mean.Count > 1 || Std.Count > 1;
        var channels = perChannel ? (int)tensor.Dims[Axis] : 1;
        var block = perChannel ? (int)Tensor.ElementCount(tensor.Dims.AsSpan(Axis + 1)) : Math.Max(1, x.Length);
        for (int start = 0, channel = 0; start < x.Length; start += block, channel = (channel + 1) % channels)
            Block(x.AsSpan(start, block), y.AsSpan(start, block), At(Mean, channel, 0), At(Std, channel, 1));
        return Tensor.Of(y, tensor.Dims);
    }

    private void Block(ReadOnlySpan<float> x, Span<float> y, float mean, float std)
    {
        if (x.Length == 1)
        {
            y[0] = (x[0] * Scale - mean) / std;
            return;
        }
        TensorPrimitives.Multiply(x, Scale, y);
        TensorPrimitives.Subtract(y, mean, y);
        TensorPrimitives.Divide(y, std, y);
    }

    private static float At(IReadOnlyList<float> values, int channel, float none) => values.Count switch
    {
        0 => none,
        1 => values[0],
        _ => values[channel],
    };
}
