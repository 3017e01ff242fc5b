using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Split: each output takes the positions that follow those of the outputs before it. Sizes: attribute before opset 13, input since.</summary>
internal sealed class Split : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var input = node.Input(0);
        if (axes.Has(node, 1) && axes.Ints(node, "split", 1) is null) return;
        var along = axes.Axis(input, node.Int("axis"));
        var offset = 0;
        foreach (var output in node.Outputs)
        {
            for (var axis = 0; axis < axes.Rank(input); axis++)
                if (axis != along) axes.Join(input, axis, output, axis);
            for (var i = 0; i < axes.Size(output, along); i++) axes.Join(input, along, offset + i, output, along, i);
            offset += axes.Size(output, along);
        }
    }

    public void Resize(Node node, AxisCut cut)
    {
        var along = (int)node.Int("axis");
        if (along < 0) along += cut.Dims(node.Input(0)).Length;
        if (!cut.IsCut(node.Input(0), along)) return;
        long[] sizes = [.. node.Outputs.Select(output => (long)cut.Size(output, along))];
        if (cut.Opset < 13) node.Set("split", sizes);
        else cut.Set(node, "split", 1, sizes);
        node.Attributes.Remove("num_outputs"); // ONNX: either sizes or a number of parts
    }
}
