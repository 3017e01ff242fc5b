using Compress.Diagnostics;

namespace Compress.Graph;

/// <summary>What a rewrite of one node may see and do: the graph (or sub-graph) it stands in, new constants, nodes beside it.</summary>
internal sealed class UpgradeScope(OnnxGraph graph, ValueTypes types, NameSource names)
{
    public OnnxGraph Graph { get; } = graph;

    public ValueTypes Types { get; } = types;

    public UpgradeScope Inner(OnnxGraph graph) => new(graph, ValueTypes.Of(graph, Types), names);

    /// <summary>Is the value read by any node, or an output?</summary>
    public bool IsUsed(string value) =>
        value.Length > 0 && (Graph.IsOutput(value) || Graph.Nodes.Any(node => node.Inputs.Contains(value) || SubGraphs.Captures(node).Contains(value)));

    public string Add(Node node, string role, Tensor constant)
    {
        var name = names.Fresh($"{node.Output}_{role}");
        Graph.Constants[name] = constant;
        return name;
    }

    /// <summary>A new node right before <paramref name="node"/>; returns the name of its output.</summary>
    public string Before(Node node, string role, string op, string[] inputs, Action<Node>? set = null)
    {
        var made = new Node(op, inputs, [names.Fresh($"{node.Output}_{role}")]);
        set?.Invoke(made);
        Graph.Nodes.Insert(Graph.Nodes.IndexOf(node), made);
        return made.Output;
    }

    /// <summary>A new node right after <paramref name="node"/>, which takes over its first output and reads it under its new name.</summary>
    public void After(Node node, string role, string op, Func<string, string[]> inputs)
    {
        var value = node.Output;
        GraphEdit.RenameOutput(node, value, names.Fresh($"{value}_{role}"));
        Graph.Nodes.Insert(Graph.Nodes.IndexOf(node) + 1, new Node(op, inputs(node.Output), [value]));
    }

    /// <summary>Makes an attribute an input, where the attribute is given.</summary>
    public void AttributeToInput(Node node, string attribute, int input)
    {
        if (!node.Attributes.Remove(attribute, out var value)) return;
        SetInput(node, input, Add(node, attribute, Tensor.List([.. value.Ints])));
    }

    public static void SetInput(Node node, int input, string name)
    {
        while (node.Inputs.Count <= input) node.Inputs.Add("");
        node.Inputs[input] = name;
    }

    /// <summary>A constant without dimensions in the float type of <paramref name="value"/>.</summary>
    public string AddScalar(Node node, string role, float number, string value)
    {
        var like = new Tensor(Types.Type(value), [], []);
        return like.IsFloat ? Add(node, role, like.WithFloats([number])) : throw Fail(node, $"its input '{value}' is not known to be of a float type");
    }

    public static CompressionException Fail(Node node, string why) => Codes.NoUpgrade(node.ToString(), why).Error();
}
