using Compress.Graph;

namespace Compress.Apply;

/// <summary>Positions of a tensor along one axis: taken, or set to zero.</summary>
internal static class TensorSlices
{
    /// <summary>Only these positions, in the order given. The element type must fill whole bytes.</summary>
    public static Tensor Take(Tensor tensor, int axis, int[] positions)
    {
        var (outer, size, block) = Blocks(tensor, axis);
        var result = new byte[outer * positions.Length * block];
        for (var o = 0L; o < outer; o++)
            for (var i = 0; i < positions.Length; i++)
                tensor.Raw.Slice((int)((o * size + positions[i]) * block), (int)block).CopyTo(result.AsSpan((int)((o * positions.Length + i) * block)));
        long[] dims = [.. tensor.Dims];
        dims[axis] = positions.Length;
        return new Tensor(tensor.Type, dims, result);
    }

    public static Tensor Zero(Tensor tensor, int axis, IEnumerable<int> positions)
    {
        var (outer, size, block) = Blocks(tensor, axis);
        var result = tensor.Raw.ToArray();
        foreach (var position in positions)
            for (var o = 0L; o < outer; o++) result.AsSpan((int)((o * size + position) * block), (int)block).Clear();
        return new Tensor(tensor.Type, tensor.Dims, result);
    }

    /// <summary>Float values times a factor each for some positions along an axis.</summary>
    /// <param name="positions">For each factor, the positions that it holds for.</param>
    public static Tensor Scale(Tensor tensor, int axis, IReadOnlyList<int[]> positions, IReadOnlyList<float> factors)
    {
        var (size, inner) = ((int)tensor.Dims[axis], (int)Tensor.ElementCount(tensor.Dims.AsSpan(axis + 1)));
        var all = Enumerable.Repeat(1f, size).ToArray();
        for (var i = 0; i < factors.Count; i++)
            foreach (var position in positions[i]) all[position] = factors[i];
        return Tensor.Of([.. tensor.Floats().Select((value, i) => value * all[i / inner % size])], tensor.Dims);
    }

    private static (long Outer, long Size, long BlockBytes) Blocks(Tensor tensor, int axis)
    {
        var outer = Tensor.ElementCount(tensor.Dims.AsSpan(0, axis));
        return (outer, tensor.Dims[axis], tensor.ByteCount / outer / tensor.Dims[axis]);
    }
}
