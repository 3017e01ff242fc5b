using Compress.Graph;

namespace Compress.Apply;

/// <summary>
/// Gives every reader of a shared vector (biases and normalization parameters that an exporter merged because they were equal) its own,
/// so that layers which share nothing else can lose different channels. Matrices and kernels that are shared stay shared.
/// </summary>
public static class SeparateVectors
{
    public static OnnxModel Apply(OnnxModel model)
    {
        var result = model.Clone();
        var graph = result.Graph;
        var taken = graph.Nodes.SelectMany(SubGraphs.Captures).Concat(graph.Outputs.Select(output => output.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
            for (var slot = 0; slot < node.Inputs.Count; slot++)
                if (graph.Constant(node.Inputs[slot]) is { IsFloat: true } vector && IsVector(vector) && !taken.Add(node.Inputs[slot]))
                    Analysis.IndexMaps.Parameters.SetInput(graph, node, slot, vector);
        return result;
    }

    private static bool IsVector(Tensor tensor) => tensor.Rank == 1 || (tensor.Rank == 2 && tensor.Dims[0] == 1);
}
