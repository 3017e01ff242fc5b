using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Tile: position i of the output repeats position i mod size of the input.</summary>
internal sealed class Tile : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        for (var axis = 0; axis < axes.Rank(x); axis++)
            for (var i = 0; i < axes.Size(y, axis); i++) axes.Join(x, axis, i % axes.Size(x, axis), y, axis, i);
    }
}
