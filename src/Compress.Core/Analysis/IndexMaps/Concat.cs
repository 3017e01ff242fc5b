using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Concat: each input's positions follow those of the inputs before it.</summary>
internal sealed class Concat : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var along = axes.Axis(node.Output, node.Int("axis"));
        var offset = 0;
        foreach (var input in node.Inputs)
        {
            for (var axis = 0; axis < axes.Rank(input); axis++)
                if (axis != along) axes.Join(input, axis, node.Output, axis);
            for (var i = 0; i < axes.Size(input, along); i++) axes.Join(input, along, i, node.Output, along, offset + i);
            offset += axes.Size(input, along);
        }
    }
}
