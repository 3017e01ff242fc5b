using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>One sliced axis: positions Start to End − 1, every Step-th.</summary>
internal sealed record SliceRange(int Axis, int Start, int End, long Step);

/// <summary>The parameters of a Slice node, from attributes (opset 9 and older) or constant inputs, with negative and open ends resolved.</summary>
internal static class Slices
{
    /// <summary>Null when a parameter is computed while the model runs.</summary>
    public static IReadOnlyList<SliceRange>? Of(OnnxGraph graph, Node node, long[] dims)
    {
        var starts = Parameters.Ints(graph, node, "starts", 1);
        var ends = Parameters.Ints(graph, node, "ends", 2);
        var axes = Parameters.Ints(graph, node, "axes", 3);
        var steps = Parameters.Ints(graph, node, "steps", 4);
        if (starts is null || ends is null || (axes is null && node.Input(3).Length > 0) || (steps is null && node.Input(4).Length > 0)) return null;
        return
        [
            .. starts.Select((start, i) =>
            {
                var axis = axes is null ? i : (int)(axes[i] < 0 ? axes[i] + dims.Length : axes[i]);
                return new SliceRange(axis, Clamp(start, dims[axis]), Clamp(ends[i], dims[axis]), steps?[i] ?? 1);
            }),
        ];
    }

    /// <summary>A start or end within 0 to size; counted from the end when negative.</summary>
    public static int Clamp(long position, long size) => (int)Math.Clamp(position < 0 ? position + size : position, 0, size);
}
