using Onnx;

namespace Compress.Graph;

/// <summary>Names that the sub-graphs of a control-flow node take from the graph around them (ONNX: outer scope values).</summary>
public static class SubGraphs
{
    /// <summary>Every value that a node reads, its sub-graphs included.</summary>
    public static IEnumerable<string> Read(Node node) => node.Inputs.Concat(Captures(node)).Where(name => name.Length > 0);

    public static IEnumerable<string> Captures(Node node) => node.SubGraphs().SelectMany(Captures).Distinct();

    /// <summary>Renames what the node's sub-graphs take from outside; their own values stay.</summary>
    public static void RenameCaptures(Node node, Func<string, string> rename)
    {
        foreach (var graph in node.SubGraphs()) RenameCaptures(graph, rename);
    }

    /// <summary>Renames every value in the node's sub-graphs, their own as well.</summary>
    public static void RenameAll(Node node, Func<string, string> rename)
    {
        foreach (var graph in node.SubGraphs()) RenameAll(graph, rename);
    }

    public static void DropNodeNames(Node node)
    {
        foreach (var inner in node.SubGraphs().SelectMany(Nodes)) inner.ClearName();
    }

    /// <summary>The operator domains that a graph message uses, at any depth.</summary>
    public static IEnumerable<string> Domains(GraphProto graph) => Nodes(graph).Select(node => node.Domain);

    /// <summary>Every value that a graph message defines or reads, at any depth.</summary>
    public static IEnumerable<string> Names(GraphProto graph) =>
        Own(graph)
            .Concat(graph.Node.SelectMany(node => node.Input))
            .Concat(graph.Output.Select(output => output.Name))
            .Concat(graph.Node.SelectMany(Inner).SelectMany(Names));

    private static HashSet<string> Captures(GraphProto graph)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Node)
        {
            used.UnionWith(node.Input);
            foreach (var inner in Inner(node)) used.UnionWith(Captures(inner));
        }
        used.UnionWith(graph.Output.Select(output => output.Name));
        used.ExceptWith(Own(graph));
        used.Remove("");
        return used;
    }

    private static void RenameCaptures(GraphProto graph, Func<string, string> rename)
    {
        var own = Own(graph);
        string Outer(string name) => name.Length == 0 || own.Contains(name) ? name : rename(name);

        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++) node.Input[i] = Outer(node.Input[i]);
            foreach (var inner in Inner(node)) RenameCaptures(inner, Outer);
        }
        foreach (var output in graph.Output) output.Name = Outer(output.Name);
    }

    private static void RenameAll(GraphProto graph, Func<string, string> rename)
    {
        foreach (var value in graph.Input.Concat(graph.Output)) value.Name = rename(value.Name);
        foreach (var constant in graph.Initializer) constant.Name = rename(constant.Name);
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++) node.Input[i] = rename(node.Input[i]);
            for (var i = 0; i < node.Output.Count; i++) node.Output[i] = rename(node.Output[i]);
            foreach (var inner in Inner(node)) RenameAll(inner, rename);
        }
    }

    private static HashSet<string> Own(GraphProto graph)
    {
        var own = new HashSet<string>(graph.Input.Select(input => input.Name), StringComparer.Ordinal);
        own.UnionWith(graph.Initializer.Select(constant => constant.Name));
        own.UnionWith(graph.SparseInitializer.Select(constant => constant.Values.Name));
        own.UnionWith(graph.Node.SelectMany(node => node.Output));
        return own;
    }

    private static IEnumerable<NodeProto> Nodes(GraphProto graph) => graph.Node.Concat(graph.Node.SelectMany(Inner).SelectMany(Nodes));

    private static IEnumerable<GraphProto> Inner(NodeProto node) => node.Attribute.SelectMany(a => a.G is null ? a.Graphs : a.Graphs.Prepend(a.G));
}
