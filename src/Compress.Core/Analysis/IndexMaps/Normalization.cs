using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>BatchNormalization: one scale, shift, mean and variance a channel; every element for itself.</summary>
internal sealed class BatchNormalization : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        axes.JoinBroadcast(node.Input(0), node.Output);
        foreach (var parameter in node.Inputs.Skip(1)) axes.Join(parameter, 0, node.Output, 1);
    }
}

/// <summary>InstanceNormalization: statistics over the positions of each channel of each sample.</summary>
internal sealed class InstanceNormalization : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        axes.Join(node.Input(0), 0, node.Output, 0);
        axes.Join(node.Input(0), 1, node.Output, 1);
        foreach (var parameter in node.Inputs.Skip(1)) axes.Join(parameter, 0, node.Output, 1);
    }
}

/// <summary>GroupNormalization: statistics over all channels of a group, so only whole groups can go. Parameters: one a group (opset 18) or a channel (21).</summary>
internal sealed class GroupNormalization : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        var groups = (int)node.Int("num_groups", 1);
        var size = axes.Size(x, 1) / groups;
        axes.Join(x, 0, y, 0);
        axes.Join(x, 1, y, 1);
        for (var c = 0; c < axes.Size(x, 1); c++) axes.Join(y, 1, c / size * size, y, 1, c);
        foreach (var parameter in node.Inputs.Skip(1))
            for (var i = 0; i < axes.Size(parameter, 0); i++) axes.Join(parameter, 0, i, y, 1, axes.Size(parameter, 0) == groups ? i * size : i);
    }

    public void Resize(Node node, AxisCut cut) =>
        node.Set("num_groups", node.Int("num_groups", 1) * cut.Size(node.Output, 1) / cut.Dims(node.Output)[1]);
}
