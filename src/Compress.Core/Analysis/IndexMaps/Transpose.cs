using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Transpose: axis i of the output is axis perm[i] of the input; without perm the order is reversed.</summary>
internal sealed class Transpose : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var rank = axes.Rank(node.Output);
        var permutation = node.Ints("perm");
        for (var axis = 0; axis < rank; axis++)
            axes.Join(node.Input(0), (int)(permutation?[axis] ?? rank - 1 - axis), node.Output, axis);
    }
}
