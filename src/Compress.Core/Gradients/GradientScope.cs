using Compress.Graph;
using Compress.Runtime.Operators;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Gradients;

/// <summary>What a rule works with: it asks for gradients of a node's outputs, writes nodes, and adds to the gradients of the node's inputs.</summary>
internal sealed class GradientScope
{
    private readonly OnnxGraph graph;
    private readonly GraphIndex index;
    private readonly IReadOnlyDictionary<string, long[]> dims;
    private readonly NameSource names;
    private readonly HashSet<string> known;
    private readonly HashSet<string> needed;
    private readonly HashSet<string> moving;
    private readonly Dictionary<string, string> gradients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> constants = new(StringComparer.Ordinal);

    public GradientScope(OnnxGraph graph, IReadOnlyDictionary<string, long[]> dims, GradientRequest request)
    {
        (this.graph, this.dims, Block, MostFilling) = (graph, dims, request.InBlocks ? OwnOperators.Block : null, request.MostFilling);
        names = NameSource.Of(graph);
        index = GraphIndex.Of(graph);
        moving = Downstream(graph, graph.Inputs.Select(input => input.Name), _ => true);
        needed = Downstream(graph, request.Wanted, node => !GradientRules.IsFlat(node));
        known = [.. graph.Nodes.SelectMany(node => node.Outputs), .. graph.Constants.Keys, .. graph.Inputs.Select(input => input.Name)];
    }

    /// <summary>Channels of a block; null: nothing is in blocks.</summary>
    public int? Block { get; }

    /// <summary>See <see cref="GradientRequest.MostFilling"/>.</summary>
    public int MostFilling { get; }

    /// <summary>Whether the graph has such a value.</summary>
    public bool Knows(string value) => known.Contains(value);

    /// <summary>Whether a gradient that is asked for depends on this value's.</summary>
    public bool Needs(string value) => needed.Contains(value);

    /// <summary>Whether the value is the same for every feed: a constant, or made of constants.</summary>
    public bool IsFixed(string value) => !moving.Contains(value);

    public bool HasGradient(string value) => needed.Contains(value) && gradients.ContainsKey(value);

    /// <summary>The gradient of a value, as the nodes behind it have added it up; null when nothing depends on the value.</summary>
    public string? Gradient(string value) => gradients.GetValueOrDefault(value);

    /// <summary>The same, zeros instead of null.</summary>
    public string GradientOrZeros(string value) => Gradient(value) ?? Zeros(value);

    public long[] Dims(string value) => dims[value];

    public int Rank(string value) => Dims(value).Length;

    public Tensor? Constant(string value) => graph.Constant(value);

    /// <summary>The node of the model that makes a value.</summary>
    public Node? Producer(string value) => index.Producer(value);

    /// <summary>A new node; gives its (first) output's name.</summary>
    public string Op(string op, string[] inputs, Action<Node>? set = null, string domain = "")
    {
        var node = new Node(op, inputs, [names.Fresh($"d{graph.Nodes.Count}_{op}")], domain: domain);
        set?.Invoke(node);
        graph.Nodes.Add(node);
        return node.Output;
    }

    /// <summary>A new node with several outputs.</summary>
    public string[] Outputs(string op, string[] inputs, int count, Action<Node>? set = null, string domain = "")
    {
        var node = new Node(op, inputs, Enumerable.Range(0, count).Select(i => names.Fresh($"d{graph.Nodes.Count}_{op}{i}")), domain: domain);
        set?.Invoke(node);
        graph.Nodes.Add(node);
        return [.. node.Outputs];
    }

    /// <summary>The name of an output of a forward node, given to it now if it has none.</summary>
    public string Output(Node node, int index)
    {
        while (node.Outputs.Count <= index) node.Outputs.Add("");
        if (node.Outputs[index].Length == 0) node.Outputs[index] = names.Fresh($"{node.Output}.{index}");
        return node.Outputs[index];
    }

    public string Scalar(float value) => Constant($"f{BitConverter.SingleToInt32Bits(value)}", () => Tensor.Scalar(value));

    /// <summary>A list of integers: axes, sizes.</summary>
    public string List(params long[] values) => Constant($"i{string.Join('_', values)}", () => Tensor.List(values));

    public string Constant(string key, Func<Tensor> make)
    {
        if (constants.TryGetValue(key, out var name)) return name;
        constants[key] = name = names.Fresh("d_c");
        graph.Constants[name] = make();
        return name;
    }

    public string Zeros(string value) => Op("ConstantOfShape", [Op("Shape", [value])]); // float 0 by default

    public string Mul(string a, string b) => Op("Mul", [a, b]);

    public string Scale(string value, float factor) => factor == 1 ? value : Mul(value, Scalar(factor));

    public string Neg(string value) => Op("Neg", [value]);

    /// <summary>The value where a condition holds, else 0: a product, which takes a third of the time of the operator Where.</summary>
    public string Where(string condition, string value) => Mul(value, Op("Cast", [condition], node => node.Set("to", (long)DataType.Float)));

    public string Transpose(string value, params long[] perm) => Op("Transpose", [value], node => node.Set("perm", perm));

    public string Reshape(string value, params long[] shape) => Op("Reshape", [value, List(shape)]);

    /// <summary>Under the dimensions that another value has when the graph runs.</summary>
    public string ReshapeAs(string value, string other) =>
        Op("Reshape", [value, IsFixed(other) ? List(Dims(other)) : Op("Shape", [other])]);

    public string Sum(string value, bool keep, params long[] axes) => Op("ReduceSum", [value, List(axes)], node => node.Set("keepdims", keep ? 1 : 0));

    /// <summary>Adds to a value's gradient; nothing happens where nobody needs it.</summary>
    public void Add(string value, string gradient)
    {
        if (value.Length == 0 || !Needs(value)) return;
        gradients[value] = gradients.TryGetValue(value, out var sum) ? Op("Add", [sum, gradient]) : gradient;
    }

    /// <summary>The same for an operand that was broadcast to the shape of <paramref name="output"/>, which the gradient has; it is made only if needed.</summary>
    public void AddBroadcast(string value, string output, Func<string> gradient)
    {
        if (value.Length > 0 && Needs(value)) Add(value, Unbroadcast(gradient(), value, output));
    }

    /// <summary>
    /// Sums a gradient over the axes along which the operand was repeated. An operand that is the same for every feed is summed over each of its axes
    /// of length 1, because the batch may be one sample in <see cref="Dims"/> and many when the graph runs.
    /// </summary>
    private string Unbroadcast(string gradient, string value, string output)
    {
        var (own, full) = (Dims(value), Dims(output));
        var missing = full.Length - own.Length;
        var isFixed = IsFixed(value) && !IsFixed(output);
        var repeated = Enumerable.Range(missing, own.Length).Where(axis => own[axis - missing] == 1 && (full[axis] != 1 || isFixed));
        var axes = Enumerable.Range(0, missing).Concat(repeated).Select(axis => (long)axis).ToArray();
        if (axes.Length == 0) return gradient;
        var sum = Sum(gradient, keep: true, axes);
        return missing == 0 ? sum : Op("Squeeze", [sum, List([.. Enumerable.Range(0, missing).Select(axis => (long)axis)])]);
    }

    /// <summary>The output that carries a finished gradient.</summary>
    public string Finished(string value)
    {
        var node = new Node("Identity", [GradientOrZeros(value)], [names.Fresh($"{value}.gradient")]);
        graph.Nodes.Add(node);
        return node.Output;
    }

    /// <summary>The values themselves and everything that is computed from them.</summary>
    private static HashSet<string> Downstream(OnnxGraph graph, IEnumerable<string> values, Func<Node, bool> passes)
    {
        var reached = new HashSet<string>(values, StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
            if (node.Inputs.Concat(SubGraphs.Captures(node)).Any(reached.Contains) && passes(node)) reached.UnionWith(node.Outputs.Where(output => output.Length > 0));
        return reached;
    }
}
