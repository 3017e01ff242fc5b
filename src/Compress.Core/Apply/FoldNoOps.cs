using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>Nodes that hand their first input on unchanged are taken out; who read their output reads the input.</summary>
internal static class FoldNoOps
{
    /// <summary>One row an operator: when it does nothing. Only the first output may be in use.</summary>
    private static readonly Dictionary<string, Func<FoldScope, Node, bool>> DoesNothing = new(StringComparer.Ordinal)
    {
        ["Identity"] = (_, _) => true,
        ["Dropout"] = (scope, node) => node.Input(2).Length == 0 || scope.Graph.Constant(node.Input(2)) is { Type: DataType.Bool, ByteCount: 1 } training && training.Raw[0] == 0,
        ["Cast"] = (scope, node) => scope.Types.Type(node.Input(0)) == (DataType)node.Int("to"),
        ["Transpose"] = (_, node) => node.Ints("perm") is { } perm && perm.Select((axis, i) => axis == i).All(same => same),
        ["Pad"] = (scope, node) => node.Ints("pads") is { } pads ? pads.All(pad => pad == 0) : scope.Graph.Constant(node.Input(1)) is { IsInteger: true } given && given.Integers().All(pad => pad == 0),
        ["Concat"] = (_, node) => node.Inputs.Count == 1,
        ["Sum"] = (_, node) => node.Inputs.Count == 1,
        ["Mean"] = (_, node) => node.Inputs.Count == 1,
        ["Max"] = (_, node) => node.Inputs.Count == 1,
        ["Min"] = (_, node) => node.Inputs.Count == 1,
        ["Add"] = (scope, node) => IsScalar(scope.Graph, node.Input(1), 0),
        ["Sub"] = (scope, node) => IsScalar(scope.Graph, node.Input(1), 0),
        ["Mul"] = (scope, node) => IsScalar(scope.Graph, node.Input(1), 1),
        ["Div"] = (scope, node) => IsScalar(scope.Graph, node.Input(1), 1),
    };

    public static void Apply(FoldScope scope)
    {
        foreach (var node in scope.Graph.Nodes.ToArray())
        {
            if (node.Domain.Length > 0 || !DoesNothing.TryGetValue(node.Op, out var test) || !test(scope, node) || !scope.OnlyFirstOutputUsed(node)) continue;
            if (!Bypass(scope, node)) continue;
            scope.Graph.Nodes.Remove(node);
            scope.Changed(new(FoldKind.NoOp, node.Name, node.Op));
        }
    }

    /// <summary>A graph output keeps its name: then the producer of the input takes that name over, if nothing else fixes its own.</summary>
    private static bool Bypass(FoldScope scope, Node node)
    {
        var (from, to) = (node.Input(0), node.Output);
        if (!scope.Graph.IsOutput(to))
        {
            GraphEdit.ReplaceUses(scope.Graph, to, from);
            return true;
        }
        if (scope.Index.Producer(from) is not { } producer || scope.Graph.IsOutput(from)) return false;
        GraphEdit.RenameOutput(producer, from, to);
        GraphEdit.ReplaceUses(scope.Graph, from, to);
        return true;
    }

    /// <summary>Without dimensions only: a tensor of one element could still add a dimension.</summary>
    private static bool IsScalar(OnnxGraph graph, string name, double value) =>
        graph.Constant(name) is { Rank: 0 } constant && (constant.IsFloat || constant.IsInteger) && constant.Doubles()[0] == value;
}
