using Compress.Graph;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Testing;

/// <summary>Writes small models in a few words: <c>new ModelBuilder().Input("x", 1, 3, 8, 8).Conv("x", 8, 3).Relu().Output()</c>. Weights come from the seed.</summary>
public sealed class ModelBuilder(int seed = 1, int opset = 21)
{
    private readonly Random random = new(seed);
    private readonly Dictionary<string, int> channels = [];
    private int counter;

    public OnnxGraph Graph { get; } = new();

    /// <summary>The value that was made last.</summary>
    public string Last { get; private set; } = "";

    /// <summary>A float input; a dimension of -1 is dynamic.</summary>
    public ModelBuilder Input(string name, params long[] dims) => Input(name, DataType.Float, dims);

    public ModelBuilder Input(string name, DataType type, params long[] dims)
    {
        Graph.Inputs.Add(Info(name, type, dims));
        if (dims.Length > 1) channels[name] = (int)dims[1];
        Last = name;
        return this;
    }

    /// <summary>Declares graph outputs; without names, the last value.</summary>
    public ModelBuilder Output(params string[] names)
    {
        foreach (var name in names.Length > 0 ? names : [Last]) Graph.Outputs.Add(new ValueInfoProto { Name = name, Type = new() { TensorType = new() { ElemType = (int)DataType.Float } } });
        return this;
    }

    /// <summary>Any operator; returns its (first) output's name.</summary>
    public string Op(string op, string[] inputs, Action<Node>? set = null, int outputs = 1)
    {
        var name = $"{op.ToLowerInvariant()}{counter++}";
        var node = new Node(op, inputs, outputs == 1 ? [name] : Enumerable.Range(0, outputs).Select(i => $"{name}_{i}"), name);
        set?.Invoke(node);
        Graph.Nodes.Add(node);
        if (inputs.Length > 0 && channels.TryGetValue(inputs[0], out var count)) channels[node.Output] = count;
        return Last = node.Output;
    }

    public string Constant(Tensor tensor, string prefix = "c")
    {
        var name = $"{prefix}{counter++}";
        Graph.Constants[name] = tensor;
        return name;
    }

    /// <summary>Normal values of the given deviation.</summary>
    public Tensor Random(double deviation, params long[] dims)
    {
        var values = new float[Tensor.ElementCount(dims)];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return Tensor.Of(values, dims);
    }

    public ModelBuilder Conv(string input, int outChannels, int kernel, int stride = 1, int group = 1, bool bias = true)
    {
        var inChannels = channels[input];
        var fan = inChannels / group * kernel * kernel;
        var weight = Constant(Random(Math.Sqrt(2.0 / fan), outChannels, inChannels / group, kernel, kernel), "w");
        string[] inputs = bias ? [input, weight, Constant(Random(0.1, outChannels), "b")] : [input, weight];
        var output = Op("Conv", inputs, node =>
        {
            node.Set("kernel_shape", [kernel, kernel]).Set("pads", [kernel / 2, kernel / 2, kernel / 2, kernel / 2]).Set("strides", [stride, stride]);
            if (group > 1) node.Set("group", group);
        });
        channels[output] = outChannels;
        return this;
    }

    public ModelBuilder Conv(int outChannels, int kernel, int stride = 1, int group = 1, bool bias = true) => Conv(Last, outChannels, kernel, stride, group, bias);

    public ModelBuilder BatchNormalization()
    {
        var count = channels[Last];
        var scale = Tensor.Of([.. Random(0.2, count).Floats().Select(x => x + 1)], count);
        var variance = Tensor.Of([.. Random(0.3, count).Floats().Select(x => x * x + 0.5f)], count);
        Op("BatchNormalization", [Last, Constant(scale), Constant(Random(0.2, count)), Constant(Random(0.2, count)), Constant(variance)]);
        return this;
    }

    public ModelBuilder Relu()
    {
        Op("Relu", [Last]);
        return this;
    }

    public ModelBuilder Clip(float low, float high)
    {
        Op("Clip", [Last, Constant(Tensor.Scalar(low)), Constant(Tensor.Scalar(high))]);
        return this;
    }

    public ModelBuilder Add(string a, string b)
    {
        Op("Add", [a, b]);
        return this;
    }

    public ModelBuilder GlobalPool()
    {
        Op("GlobalAveragePool", [Last]);
        return this;
    }

    public ModelBuilder Flatten()
    {
        Op("Flatten", [Last]);
        return this;
    }

    /// <summary>A dense layer over the last value's channels (after Flatten: give <paramref name="inFeatures"/> when they are more).</summary>
    public ModelBuilder Dense(int outFeatures, int? inFeatures = null)
    {
        var inputs = inFeatures ?? channels[Last];
        var output = Op("Gemm", [Last, Constant(Random(Math.Sqrt(1.0 / inputs), outFeatures, inputs), "w"), Constant(Random(0.1, outFeatures), "b")], node => node.Set("transB", 1));
        channels[output] = outFeatures;
        return this;
    }

    public OnnxModel Build()
    {
        if (Graph.Outputs.Count == 0) Output();
        var header = new ModelProto { IrVersion = 10, ProducerName = "tests" };
        header.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        return new OnnxModel { Graph = Graph, Header = header };
    }

    /// <summary>Values for every float input, from the seed; dynamic dimensions take <paramref name="batch"/>.</summary>
    public IReadOnlyDictionary<string, Tensor> Feed(int batch = 2) =>
        Graph.Inputs.ToDictionary(input => input.Name, input => Random(1, [.. input.Type.TensorType.Shape.Dim.Select(d => d.HasDimValue ? d.DimValue : batch)]));

    private static ValueInfoProto Info(string name, DataType type, long[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (var (axis, dim) in dims.Index()) shape.Dim.Add(dim < 0 ? new TensorShapeProto.Types.Dimension { DimParam = axis == 0 ? "N" : $"{name}.{axis}" } : new TensorShapeProto.Types.Dimension { DimValue = dim });
        return new ValueInfoProto { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }
}
