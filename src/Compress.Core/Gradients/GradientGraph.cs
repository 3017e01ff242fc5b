using Compress.Diagnostics;
using Compress.Graph;
using Compress.Runtime;
using Compress.Runtime.Operators;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Gradients;

/// <summary>
/// Reverse-mode differentiation of a graph into a graph: the gradients are ordinary nodes of the ONNX domain (opset 18 or newer), which any ONNX
/// Runtime executes with its own kernels; with <see cref="GradientRequest.InBlocks"/> some are of ours. Rules, one an operator, are in <see cref="GradientRules"/>. Gradients are taken in float32.
/// </summary>
public static class GradientGraph
{
    /// <summary>ReduceSum, ReduceMean, Split and Pad have had their present form since.</summary>
    public const int Opset = 18;

    /// <summary>The model with the gradients that are asked for; the model itself is left alone.</summary>
    /// <param name="dims">Dimensions of every value for some batch. Only sizes within a sample and where values are broadcast are taken from them:
    /// the first dimension of what depends on an input may be another when the graph runs.</param>
    /// <exception cref="CompressionException">CMP4501: an operator on the way has no gradient; CMP4502: a value on the way is not float32.</exception>
    public static GradientModel Of(OnnxModel model, IReadOnlyDictionary<string, long[]> dims, GradientRequest request)
    {
        model = OpsetUpgrade.To(model, Opset).Clone();
        var scope = new GradientScope(model.Graph, dims, request);
        foreach (var (value, seed) in request.Seeds)
        {
            scope.Add(value, seed);
            if (!scope.Knows(seed)) model.Graph.Inputs.Add(Info(seed, dims[value], dynamic: !scope.IsFixed(value)));
        }

        foreach (var node in model.Graph.Nodes.AsEnumerable().Reverse().ToArray())
        {
            if (!node.Inputs.Any(scope.Needs) || !node.Outputs.Any(output => scope.Gradient(output) is not null)) continue;
            GradientRules.Of(node)(scope, node);
        }

        var constants = request.Wanted.Where(model.Graph.Constants.ContainsKey).ToList();
        CheckFloat(model.Graph, scope);
        model.Graph.Outputs.Clear();
        foreach (var value in request.Forward) model.Graph.Outputs.Add(new ValueInfoProto { Name = value });
        var gradients = request.Wanted.Distinct().ToDictionary(value => value, scope.Finished, StringComparer.Ordinal);
        foreach (var value in request.Wanted.Distinct()) model.Graph.Outputs.Add(new ValueInfoProto { Name = gradients[value] });
        if (request.ConstantsAsInputs)
            foreach (var name in constants)
                if (model.Graph.Constants.Remove(name, out var tensor)) model.Graph.Inputs.Add(Info(name, tensor.Dims, dynamic: false));
        Unused.Remove(model.Graph);
        foreach (var domain in model.Graph.Nodes.Select(node => node.Domain).Distinct().Intersect([OwnOperators.Domain, ChannelBlock.Domain]).ToArray()) model.SetOpset(domain, 1);
        return new GradientModel(model, gradients);
    }

    /// <summary>A float input; <paramref name="dynamic"/> leaves its first dimension open.</summary>
    internal static ValueInfoProto Info(string name, long[] dims, bool dynamic) => TensorInfo.Of(name, DataType.Float, dims, axis => dynamic && axis == 0 ? "N" : null);

    private static void CheckFloat(OnnxGraph graph, GradientScope scope)
    {
        var types = ValueTypes.Of(graph);
        foreach (var node in graph.Nodes)
            foreach (var value in node.Inputs.Where(scope.HasGradient))
                if (types.Type(value) is not (DataType.Undefined or DataType.Float) and var type) throw Codes.GradientNotFloat(node.ToString(), value, type.ToString()).Error();
    }
}
