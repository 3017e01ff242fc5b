using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Gather: positions of one axis picked by index. Fixed indices follow what they point at; computed ones (embeddings) hold that axis and leave the others open.</summary>
internal sealed class Gather : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (data, indices, y) = (node.Input(0), node.Input(1), node.Output);
        var along = axes.Axis(data, node.Int("axis"));
        var inserted = axes.Rank(indices);
        for (var axis = 0; axis < axes.Rank(data); axis++)
        {
            var target = axis < along ? axis : axis - 1 + inserted;
            if (axis == along) continue;
            axes.Join(data, axis, y, target);
            axes.Produces(node, data, axis, y, target);
        }
        if (inserted <= 1 && axes.IsConstant(indices)) Pick(axes.Ints(node, "", 1)!, data, along, y, inserted, axes);
        else
            for (var axis = 0; axis < inserted; axis++) axes.Join(indices, axis, y, along + axis);
    }

    private static void Pick(long[] picked, string data, int along, string y, int inserted, AxisRelations axes)
    {
        axes.State(data, along);
        for (var i = 0; i < picked.Length; i++)
        {
            var position = (int)(picked[i] < 0 ? picked[i] + axes.Size(data, along) : picked[i]);
            if (inserted == 1) axes.Join(data, along, position, y, along, i);
            else axes.Close(data, along, position, $"'{y}' picks one of them");
        }
    }

    public void Resize(Node node, AxisCut cut)
    {
        var data = node.Input(0);
        var along = (int)node.Int("axis");
        if (along < 0) along += cut.Dims(data).Length;
        if (!cut.IsCut(data, along)) return;
        var indices = cut.Graph.Constant(node.Input(1))!;
        var moved = cut.Kept(data, along).Select((position, i) => (position, i)).ToDictionary(pair => pair.position, pair => (long)pair.i);
        long[] kept = [.. indices.Integers().Select(index => (int)(index < 0 ? index + cut.Dims(data)[along] : index)).Where(moved.ContainsKey).Select(position => moved[position])];
        Parameters.SetInput(cut.Graph, node, 1, indices.Rank == 0 ? Tensor.Of(kept) : Tensor.List(kept));
    }
}
