using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Operators that look along one axis (Softmax, CumSum, TopK, ArgMax …) and keep the others in place.</summary>
/// <param name="fallback">The axis when the attribute is absent.</param>
/// <param name="flattensBefore">Older opsets look along the axis and all that follow; 0 for operators that always do, int.MinValue for those that never did.</param>
internal sealed class AlongAxis(long fallback, int flattensBefore) : IIndexMap
{
    public const int Never = int.MinValue;
    public const int Always = int.MaxValue;

    public void Relate(Node node, AxisRelations axes)
    {
        var input = node.Input(0);
        var flattens = axes.Opset < flattensBefore;
        var axis = axes.Axis(input, node.Int("axis", flattens && flattensBefore != Always ? 1 : fallback));
        foreach (var output in node.Outputs.Where(output => output.Length > 0))
            for (var i = 0; i < axes.Rank(input); i++)
                if (i < axis || (i > axis && !flattens)) axes.Join(input, i, output, i);
    }
}
