using Compress.Analysis;
using Compress.Graph;

namespace Compress.Plan;

/// <summary>Kinds of nodes that are decided together: float or integer arithmetic for all of a kind.</summary>
public static class OperatorClass
{
    public const string Depthwise = "Conv/depthwise", Recurrent = "LSTM";

    /// <summary>Nodes that ONNX Runtime has an integer form of in which nothing is calibrated.</summary>
    public static bool IsRecurrent(Node node) => node.Is(Recurrent);

    public static string Of(Node node, OnnxGraph graph) =>
        node is { Op: "Conv", Domain: "" } && node.Int("group", 1) > 1 && graph.Constant(node.Inputs[1]) is { } weight && weight.Dims[1] == 1 ? Depthwise : node.Op;
}
