using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Expand: broadcasts to a shape; the shape's numbers follow the axes unless they are 1.</summary>
internal sealed class Expand : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        axes.JoinBroadcast(x, y);
        var sources = axes.Sizes.Sources(node, 1);
        var offset = axes.Rank(y) - (sources?.Length ?? axes.Rank(y));
        for (var axis = offset; axis < axes.Rank(y); axis++)
        {
            axes.State(y, axis);
            if (sources?[axis - offset] is SizeSource.Constant { Value: 1 }) continue;
            axes.Sizes.Tie(sources?[axis - offset], y, axis, axes);
        }
    }
}

/// <summary>ConstantOfShape: as many equal elements as the shape says.</summary>
internal sealed class ConstantOfShape : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var sources = axes.Sizes.Sources(node, 0);
        for (var axis = 0; axis < axes.Rank(node.Output); axis++)
        {
            axes.State(node.Output, axis);
            axes.Sizes.Tie(sources?[axis], node.Output, axis, axes);
        }
    }
}
