using DataType = Onnx.TensorProto.Types.DataType;
using Rule = System.Func<Compress.Graph.Node, Compress.Graph.ValueTypes, int?>;

namespace Compress.Graph;

/// <summary>What each ONNX operator (any opset from 7) says of its first output, given its inputs. An operator without a row says nothing.</summary>
internal static class TypeRules
{
    /// <summary>All outputs are like the first.</summary>
    public static readonly HashSet<string> Alike = new(StringComparer.Ordinal) { "Split" };

    private static readonly Rule Same = (node, types) => types.Rank(node.Input(0));

    private static readonly Rule Broadcast = (node, types) =>
        node.Inputs.Aggregate((int?)0, (most, input) => most is { } m && types.Rank(input) is { } rank ? Math.Max(m, rank) : null);

    private static readonly Rule Reduced = (node, types) =>
        node.Int("keepdims", 1) != 0 ? types.Rank(node.Input(0)) : AxesCount(node, types) is { } count ? (count == 0 ? 0 : types.Rank(node.Input(0)) - count) : null;

    private static readonly Dictionary<string, Rule> Ranks = new(StringComparer.Ordinal)
    {
        ["ArgMax"] = (node, types) => types.Rank(node.Input(0)) - (node.Int("keepdims", 1) == 0 ? 1 : 0),
        ["ArgMin"] = (node, types) => types.Rank(node.Input(0)) - (node.Int("keepdims", 1) == 0 ? 1 : 0),
        ["ConstantOfShape"] = (node, types) => types.Length(node.Input(0)),
        ["Conv"] = (node, types) => types.Rank(node.Input(0)) ?? types.Rank(node.Input(1)),
        ["ConvTranspose"] = (node, types) => types.Rank(node.Input(0)) ?? types.Rank(node.Input(1)),
        ["Expand"] = (node, types) => types.Rank(node.Input(0)) is { } rank && types.Length(node.Input(1)) is { } length ? Math.Max(rank, length) : null,
        ["Flatten"] = (_, _) => 2,
        ["Gather"] = (node, types) => types.Rank(node.Input(0)) + types.Rank(node.Input(1)) - 1,
        ["Gemm"] = (_, _) => 2,
        ["MatMul"] = (node, types) => types.Rank(node.Input(0)) is >= 2 and var a && types.Rank(node.Input(1)) is >= 2 and var b ? Math.Max(a, b) : null,
        ["NonZero"] = (_, _) => 2,
        ["Reshape"] = (node, types) => types.Length(node.Input(1)),
        ["Shape"] = (_, _) => 1,
        ["Size"] = (_, _) => 0,
        ["Squeeze"] = (node, types) => AxesCount(node, types) is > 0 and var count ? types.Rank(node.Input(0)) - count : null,
        ["Transpose"] = (node, types) => node.Ints("perm")?.Length ?? types.Rank(node.Input(0)),
        ["Unsqueeze"] = (node, types) => types.Rank(node.Input(0)) + AxesCount(node, types),
    };

    private static readonly Dictionary<string, Rule> Lengths = new(StringComparer.Ordinal)
    {
        ["Cast"] = (node, types) => types.Length(node.Input(0)),
        ["Concat"] = (node, types) => node.Inputs.Aggregate((int?)0, (sum, input) => sum + types.Length(input)),
        ["Gather"] = (node, types) => types.Rank(node.Input(0)) == 1 ? types.Length(node.Input(1)) : null,
        ["Identity"] = (node, types) => types.Length(node.Input(0)),
        ["Shape"] = (node, types) => node.Attributes.Count == 0 ? types.Rank(node.Input(0)) : null,
        ["Slice"] = SliceLength,
        ["Unsqueeze"] = (node, types) => types.Rank(node.Input(0)) == 0 && AxesCount(node, types) == 1 ? 1 : null,
    };

    /// <summary>Operators whose output does not have the type of their first input: which input has it, or the type itself.</summary>
    private static readonly Dictionary<string, Func<Node, ValueTypes, DataType>> Types = new(StringComparer.Ordinal)
    {
        ["ArgMax"] = (_, _) => DataType.Int64,
        ["ArgMin"] = (_, _) => DataType.Int64,
        ["Bernoulli"] = Attribute("dtype", null),
        ["Cast"] = Attribute("to", null),
        ["CastLike"] = (node, types) => types.Type(node.Input(1)),
        ["ConstantOfShape"] = (node, _) => node.Attributes.TryGetValue("value", out var value) ? (DataType)value.T.DataType : DataType.Float,
        ["ConvInteger"] = (_, _) => DataType.Int32,
        ["DequantizeLinear"] = (node, types) => types.Type(node.Input(1)),
        ["DynamicQuantizeLinear"] = (_, _) => DataType.Uint8,
        ["EyeLike"] = Attribute("dtype", null),
        ["If"] = (_, _) => DataType.Undefined,
        ["Loop"] = (_, _) => DataType.Undefined,
        ["MatMulInteger"] = (_, _) => DataType.Int32,
        ["Multinomial"] = Attribute("dtype", DataType.Int32),
        ["NonMaxSuppression"] = (_, _) => DataType.Int64,
        ["NonZero"] = (_, _) => DataType.Int64,
        ["OneHot"] = (node, types) => types.Type(node.Input(2)),
        ["QLinearConv"] = (node, types) => types.Type(node.Input(7)),
        ["QLinearMatMul"] = (node, types) => types.Type(node.Input(7)),
        ["QuantizeLinear"] = (node, types) => node.Input(2).Length > 0 ? types.Type(node.Input(2)) : DataType.Uint8,
        ["RandomNormal"] = Attribute("dtype", DataType.Float),
        ["RandomNormalLike"] = Attribute("dtype", null),
        ["RandomUniform"] = Attribute("dtype", DataType.Float),
        ["RandomUniformLike"] = Attribute("dtype", null),
        ["Scan"] = (_, _) => DataType.Undefined,
        ["SequenceAt"] = (_, _) => DataType.Undefined,
        ["Shape"] = (_, _) => DataType.Int64,
        ["Size"] = (_, _) => DataType.Int64,
        ["TfIdfVectorizer"] = (_, _) => DataType.Float,
        ["Where"] = (node, types) => types.Type(node.Input(1)),
    };

    static TypeRules()
    {
        foreach (var op in (string[])["Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "Pow", "Sub", "Sum", "Where", "Xor"])
            Ranks[op] = Broadcast;
        foreach (var op in (string[])["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"])
            Ranks[op] = Reduced;
        foreach (var op in (string[])[
            "Abs", "AveragePool", "BatchNormalization", "Cast", "Ceil", "Celu", "Clip", "Concat", "CumSum", "DepthToSpace", "DequantizeLinear", "Dropout", "Elu", "Erf", "Exp",
            "Floor", "Gelu", "GlobalAveragePool", "GlobalMaxPool", "GroupNormalization", "HardSigmoid", "HardSwish", "Hardmax", "Identity", "InstanceNormalization",
            "LRN", "LayerNormalization", "LeakyRelu", "Log", "LogSoftmax", "LpNormalization", "LpPool", "MaxPool", "MeanVarianceNormalization", "Mish", "Neg", "Not", "PRelu",
            "Pad", "QuantizeLinear", "RMSNormalization", "Reciprocal", "Relu", "Resize", "Round", "Scatter", "ScatterElements", "ScatterND", "Selu", "Sigmoid", "Sign", "Slice",
            "Softmax", "Softplus", "Softsign", "SpaceToDepth", "Split", "Sqrt", "Tanh", "ThresholdedRelu", "Tile", "TopK", "Trilu", "Upsample"])
            Ranks[op] = Same;
        foreach (var op in (string[])["And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "Not", "Or", "Xor"])
            Types[op] = (_, _) => DataType.Bool;
    }

    public static int? Rank(Node node, ValueTypes types) => node.Domain.Length == 0 && Ranks.TryGetValue(node.Op, out var rule) ? rule(node, types) : null;

    public static int? Length(Node node, ValueTypes types) => node.Domain.Length == 0 && Lengths.TryGetValue(node.Op, out var rule) ? rule(node, types) : null;

    public static DataType Type(Node node, ValueTypes types) =>
        node.Domain.Length > 0 ? DataType.Undefined : Types.TryGetValue(node.Op, out var rule) ? rule(node, types) : types.Type(node.Input(0));

    /// <summary>Axes are an attribute in older opsets, an input in newer ones; 0 when not given.</summary>
    private static int? AxesCount(Node node, ValueTypes types) => node.Ints("axes")?.Length ?? (node.Input(1).Length == 0 ? 0 : types.Length(node.Input(1)));

    /// <summary>Of a one-dimensional value, by constant bounds (attributes before opset 10, inputs since) and without steps.</summary>
    private static int? SliceLength(Node node, ValueTypes types)
    {
        long[]? Bound(string attribute, int input) => node.Ints(attribute) ?? (types.Constant(node.Input(input)) is { IsInteger: true } constant ? constant.Integers() : null);
        if (types.Length(node.Input(0)) is not { } length || Bound("starts", 1) is not [var start] || Bound("ends", 2) is not [var end]) return null;
        if (node.Input(4).Length > 0 && Bound("steps", 4) is not [1]) return null;
        long Clamped(long bound) => Math.Clamp(bound < 0 ? bound + length : bound, 0, length);
        return (int)Math.Max(0, Clamped(end) - Clamped(start));
    }

    private static Func<Node, ValueTypes, DataType> Attribute(string name, DataType? fallback) => (node, types) =>
        node.Attributes.TryGetValue(name, out var value) ? (DataType)value.I : fallback ?? types.Type(node.Input(0));
}
