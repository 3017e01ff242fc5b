using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Reshape: the same elements in row-major order; the numbers of the shape follow the axes they describe (0 copies a size, −1 takes what is left).</summary>
internal sealed class Reshape : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        axes.Refactor(x, y);
        var sources = node.Ints("shape") is null ? axes.Sizes.Sources(node, 1) : null; // opset 1 to 4 hold the shape in an attribute
        for (var axis = 0; axis < axes.Rank(y); axis++)
        {
            var source = sources?[axis];
            if (source is SizeSource.Constant { Value: -1 }) continue;
            if (source is SizeSource.Constant { Value: 0 } && node.Int("allowzero") == 0) axes.Sizes.Equal(x, axis, y, axis);
            else axes.Sizes.Tie(source, y, axis, axes);
        }
    }
}
