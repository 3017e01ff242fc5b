using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Reduce*, ArgMax and ArgMin: the reduced axes are held, since a mean or a maximum would change; the others stay in order.</summary>
internal sealed class Reduce : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        if (Reduced(node, axes) is not { } reduced) return;
        var keeps = node.Int("keepdims", 1) != 0;
        for (int axis = 0, target = 0; axis < axes.Rank(x); axis++)
        {
            var gone = reduced.Contains(axis);
            if (!gone) axes.Join(x, axis, y, target);
            if (!gone || keeps) target++;
        }
    }

    private static HashSet<int>? Reduced(Node node, AxisRelations axes)
    {
        var x = node.Input(0);
        if (node.Op.StartsWith("Arg", StringComparison.Ordinal)) return [axes.Axis(x, node.Int("axis"))];
        if (axes.Ints(node, "axes", 1) is { Length: > 0 } listed) return [.. listed.Select(axis => axes.Axis(x, axis))];
        if (axes.Has(node, 1) && !axes.IsConstant(node.Input(1))) return null;
        return node.Int("noop_with_empty_axes") != 0 ? [] : [.. Enumerable.Range(0, axes.Rank(x))];
    }
}
