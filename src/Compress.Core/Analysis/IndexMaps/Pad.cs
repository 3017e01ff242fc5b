using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Pad: position i of the input is position begin + i of the output. Channels that padding adds are as removable as others; mirrored ones hold their axis.</summary>
internal sealed class Pad : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        if (axes.Ints(node, "pads", 1) is not { } pads || (axes.Has(node, 3) && axes.Ints(node, "axes", 3) is null)) return;
        var padded = Padded(pads, axes.Ints(node, "axes", 3), axes.Rank(x));
        for (var axis = 0; axis < axes.Rank(x); axis++)
        {
            var (begin, end, _) = padded[axis];
            if ((begin, end) != (0, 0) && node.Text("mode", "constant") != "constant") continue;
            for (var i = 0; i < axes.Size(x, axis); i++)
                if (begin + i >= 0 && begin + i < axes.Size(y, axis)) axes.Join(x, axis, i, y, axis, (int)(begin + i));
        }
    }

    public void Resize(Node node, AxisCut cut)
    {
        var (x, y) = (node.Input(0), node.Output);
        var pads = cut.Ints(node, "pads", 1)!;
        var padded = Padded(pads, cut.Ints(node, "axes", 3), cut.Dims(x).Length);
        for (var axis = 0; axis < padded.Length; axis++)
        {
            var (begin, end, position) = padded[axis];
            if (position < 0) continue;
            pads[position] = begin >= 0 ? cut.KeptBefore(y, axis, (int)begin) : -cut.KeptBefore(x, axis, (int)-begin);
            pads[position + pads.Length / 2] = end >= 0
                ? cut.Size(y, axis) - cut.KeptBefore(y, axis, (int)(cut.Dims(y)[axis] - end))
                : cut.KeptBefore(x, axis, (int)(cut.Dims(x)[axis] + end)) - cut.Size(x, axis);
        }
        cut.Set(node, "pads", 1, pads);
    }

    /// <summary>Positions before and after each axis, and where in the list of pads they stand; −1 where an axis isn't in it.</summary>
    private static (long Begin, long End, int Position)[] Padded(long[] pads, long[]? listed, int rank)
    {
        var result = new (long, long, int)[rank];
        Array.Fill(result, (0, 0, -1));
        for (var i = 0; i < pads.Length / 2; i++)
        {
            var axis = listed is null ? i : listed[i] < 0 ? listed[i] + rank : listed[i];
            result[axis] = (pads[i], pads[i + pads.Length / 2], i);
        }
        return result;
    }
}
