using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Shape: reads sizes, which follow a cut by themselves; <see cref="ShapeFlow"/> sees to what is done with them.</summary>
internal sealed class ShapeOf : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        for (var axis = 0; axis < axes.Rank(node.Input(0)); axis++) axes.State(node.Input(0), axis);
    }
}
