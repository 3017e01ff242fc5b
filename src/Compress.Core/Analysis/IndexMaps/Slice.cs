using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Slice: position i of the output is position start + i of the input; positions outside may go freely. Steps other than 1 hold the axis.</summary>
internal sealed class Slice : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        if (axes.Slices(node) is not { } ranges) return;
        for (var axis = 0; axis < axes.Rank(x); axis++)
        {
            var range = ranges.FirstOrDefault(range => range.Axis == axis);
            if (range is null) axes.Join(x, axis, y, axis);
            else if (range.Step == 1)
                for (var i = 0; i < axes.Size(y, axis); i++) axes.Join(x, axis, range.Start + i, y, axis, i);
        }
    }

    public void Resize(Node node, AxisCut cut)
    {
        var ranges = Slices.Of(cut.Graph, node, cut.Dims(node.Input(0)))!;
        var starts = cut.Ints(node, "starts", 1)!;
        var ends = cut.Ints(node, "ends", 2)!;
        for (var i = 0; i < ranges.Count; i++)
        {
            if (!cut.IsCut(node.Input(0), ranges[i].Axis)) continue;
            starts[i] = cut.KeptBefore(node.Input(0), ranges[i].Axis, ranges[i].Start);
            ends[i] = cut.KeptBefore(node.Input(0), ranges[i].Axis, ranges[i].End);
        }
        cut.Set(node, "starts", 1, starts);
        cut.Set(node, "ends", 2, ends);
    }
}
