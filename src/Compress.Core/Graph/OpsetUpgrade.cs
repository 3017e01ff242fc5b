using Onnx;

namespace Compress.Graph;

/// <summary>
/// Raises a model to a newer ONNX operator set without changing what it computes. Operators of other domains stay as they are.
/// The changes are those of the ONNX operator changelog, one row of <see cref="OpsetRules"/> each.
/// </summary>
public static class OpsetUpgrade
{
    /// <summary>The IR version that the release of each operator set came with (ONNX Versioning.md); a model never needs a newer one for its operators.</summary>
    private static readonly (int Opset, int Ir)[] IrVersions = [(25, 13), (24, 12), (23, 11), (21, 10), (19, 9), (15, 8), (12, 7), (11, 6), (10, 5), (9, 4), (1, 3)];

    /// <summary>A copy at <paramref name="opset"/>; the model itself when it is there or beyond already.</summary>
    /// <exception cref="Diagnostics.CompressionException">CMP2020: a node can't be expressed exactly in the newer set.</exception>
    public static OnnxModel To(OnnxModel model, int opset)
    {
        var from = model.Opset;
        if (from == 0 || from >= opset) return model;
        var copy = model.Clone();
        Upgrade(copy.Graph, from, opset);
        copy.Opset = opset;
        copy.Header.IrVersion = Math.Max(copy.Header.IrVersion, IrVersion(opset));
        return copy;
    }

    /// <summary>The IR version that a model of this operator set has at least.</summary>
    public static int IrVersion(int opset) => IrVersions.First(row => row.Opset <= opset).Ir;

    internal static void Upgrade(OnnxGraph graph, int from, int to)
    {
        var names = NameSource.Of(graph);
        Upgrade(new UpgradeScope(graph, ValueTypes.Of(graph), names), from, to);
    }

    private static void Upgrade(UpgradeScope scope, int from, int to)
    {
        foreach (var node in scope.Graph.Nodes)
            foreach (var attribute in node.Attributes.Values)
            {
                if (attribute.G is { } one) attribute.G = UpgradeInner(scope, one, from, to);
                for (var i = 0; i < attribute.Graphs.Count; i++) attribute.Graphs[i] = UpgradeInner(scope, attribute.Graphs[i], from, to);
            }
        for (var version = from + 1; version <= to; version++)
            foreach (var node in scope.Graph.Nodes.ToArray())
                if (node.Domain.Length == 0 && OpsetRules.Rewrite(node.Op, version) is { } rewrite)
                    rewrite(scope, node.Inputs.Count > 0 ? node : throw UpgradeScope.Fail(node, "it has no inputs"));
    }

    private static GraphProto UpgradeInner(UpgradeScope scope, GraphProto message, int from, int to)
    {
        var graph = GraphMessages.Read(message, ExternalData.None);
        Upgrade(scope.Inner(graph), from, to);
        return GraphMessages.Write(graph);
    }
}
