using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Activations, arithmetic, comparisons: each output element comes from the input elements at its place, under broadcasting.</summary>
internal sealed class Elementwise : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        foreach (var output in node.Outputs.Where(output => output.Length > 0))
            foreach (var input in node.Inputs.Where(input => input.Length > 0))
                axes.JoinBroadcast(input, output);
    }
}
