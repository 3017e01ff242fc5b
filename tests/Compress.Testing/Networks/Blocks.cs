using Compress.Graph;

namespace Compress.Testing.Networks;

/// <summary>Layers of published architectures, as exporters write them. Every method takes a value and returns the value that it makes.</summary>
internal sealed class Blocks(int seed, int opset = 17)
{
    private readonly Dictionary<string, int> channels = new(StringComparer.Ordinal);

    public ModelBuilder Builder { get; } = new(seed, opset);

    public string Image(int size)
    {
        Builder.Input("x", -1, 3, size, size);
        channels["x"] = 3;
        return "x";
    }

    public OnnxModel Build(params string[] outputs) => Builder.Output(outputs).Build();

    public int Channels(string x) => channels[x];

    public string Op(string op, string[] inputs, Action<Node>? set = null, int? width = null)
    {
        var made = Builder.Op(op, inputs, set);
        if ((width ?? (channels.TryGetValue(inputs[0], out var own) ? own : (int?)null)) is { } known) channels[made] = known;
        return made;
    }

    public string Scalar(float value) => Builder.Constant(Tensor.Scalar(value));

    public string List(params long[] values) => Builder.Constant(Tensor.List(values));

    /// <summary>He initialization; a bias only where no normalization follows.</summary>
    public string Conv(string x, int width, int kernel, int stride = 1, int group = 1, bool bias = false, int? pad = null)
    {
        var fan = Channels(x) / group * kernel * kernel;
        var weight = Builder.Constant(Builder.Random(Math.Sqrt(2.0 / fan), width, Channels(x) / group, kernel, kernel), "w");
        var p = pad ?? kernel / 2;
        return Op("Conv", bias ? [x, weight, Builder.Constant(Builder.Random(0.05, width), "b")] : [x, weight],
            node => node.Set("kernel_shape", [kernel, kernel]).Set("strides", [stride, stride]).Set("pads", [p, p, p, p]).Set("group", group), width);
    }

    /// <summary>Scale about one, shift about zero; mean and variance are fitted afterwards.</summary>
    public string Norm(string x) => Op("BatchNormalization",
        [x, Around(1, 0.15, Channels(x)), Around(0, 0.1, Channels(x)), Builder.Constant(Tensor.Of(new float[Channels(x)], Channels(x))), Around(1, 0, Channels(x))]);

    public string Relu(string x) => Op("Relu", [x]);

    public string Silu(string x) => Op("Mul", [x, Op("Sigmoid", [x])]);

    /// <summary>The error-function form that exporters write.</summary>
    public string Gelu(string x)
    {
        var error = Op("Erf", [Op("Div", [x, Scalar(1.41421356f)])]);
        return Op("Mul", [Op("Mul", [x, Op("Add", [error, Scalar(1)])]), Scalar(0.5f)]);
    }

    public string Add(string a, string b) => Op("Add", [a, b]);

    public string Concat(int axis, params string[] parts) => Op("Concat", parts, node => node.Set("axis", axis), parts.All(channels.ContainsKey) ? parts.Sum(Channels) : null);

    public string MaxPool(string x, int kernel, int stride) => Op("MaxPool", [x], node => node.Set("kernel_shape", [kernel, kernel]).Set("strides", [stride, stride]).Set("pads", [kernel / 2 * (kernel % 2), kernel / 2 * (kernel % 2), kernel / 2 * (kernel % 2), kernel / 2 * (kernel % 2)]));

    /// <summary>Global pooling, flattening and a dense layer.</summary>
    public string Classifier(string x, int classes)
    {
        var flat = Op("Flatten", [Op("GlobalAveragePool", [x])]);
        return Op("Gemm", [flat, Builder.Constant(Builder.Random(Math.Sqrt(1.0 / Channels(x)), classes, Channels(x)), "w"), Builder.Constant(Builder.Random(0.05, classes), "b")], node => node.Set("transB", 1), classes);
    }

    /// <summary>MatMul and Add over the last axis.</summary>
    public string Dense(string x, int inputs, int outputs, double gain = 1) =>
        Op("Add", [Op("MatMul", [x, Builder.Constant(Builder.Random(gain * Math.Sqrt(1.0 / inputs), inputs, outputs), "w")]), Builder.Constant(Builder.Random(0.02, outputs), "b")]);

    public string LayerNorm(string x, int width) => Op("LayerNormalization", [x, Around(1, 0.1, width), Around(0, 0.05, width)], node => node.Set("axis", -1));

    public string Transpose(string x, params long[] order) => Op("Transpose", [x], node => node.Set("perm", order));

    public string Reshape(string x, params long[] dims) => Op("Reshape", [x, List(dims)]);

    private string Around(double centre, double deviation, int width) => Builder.Constant(Tensor.Of([.. Builder.Random(deviation, width).Floats().Select(v => (float)(centre + v))], width));
}
