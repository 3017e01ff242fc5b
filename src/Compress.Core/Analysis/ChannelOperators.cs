using Compress.Analysis.IndexMaps;
using Compress.Graph;

namespace Compress.Analysis;

/// <summary>One operator: how channel positions travel through it, and in words why the axes stay whole that its map leaves unsaid.</summary>
internal sealed record ChannelOperator(IIndexMap Map, string Whole);

/// <summary>The table of operators that pruning knows. An operator that isn't here closes every channel group that reaches it.</summary>
internal static class ChannelOperators
{
    private const string Slides = "slides over them";
    private const string Needs = "needs all of them";
    private const string Multiplies = "multiplies two activations over them";
    private const string Statistics = "takes statistics over them";

    private static readonly Dictionary<string, ChannelOperator> Table = new(StringComparer.Ordinal);

    static ChannelOperators()
    {
        Add(new Elementwise(), Needs,
            "Identity", "Cast", "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "ThresholdedRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Gelu", "Mish",
            "Softplus", "Softsign", "Swish", "Erf", "Exp", "Log", "Sqrt", "Reciprocal", "Abs", "Neg", "Sign", "Ceil", "Floor", "Round", "Clip", "Dropout", "Not", "IsNaN", "IsInf",
            "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Shrink",
            "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Min", "Max", "Sum", "Mean", "Where", "And", "Or", "Xor", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual",
            "com.microsoft.Gelu", "com.microsoft.FastGelu", "com.microsoft.QuickGelu", "com.microsoft.BiasGelu");
        Add(new AlongAxis(fallback: -1, flattensBefore: 13), "normalises over them", "Softmax", "LogSoftmax", "Hardmax");
        Add(new AlongAxis(fallback: -1, flattensBefore: AlongAxis.Never), "looks along them", "TopK", "LpNormalization");
        Add(new AlongAxis(fallback: -1, flattensBefore: AlongAxis.Always), Statistics, "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization");
        Add(new Convolution(), Slides, "Conv");
        Add(new TransposedConvolution(), Slides, "ConvTranspose");
        Add(new MatrixProduct(), Multiplies, "MatMul");
        Add(new GeneralMatrixProduct(), Multiplies, "Gemm");
        Add(new EinsteinSum(), Multiplies, "Einsum");
        Add(new Recurrent(gates: 4), Needs, "LSTM");
        Add(new Recurrent(gates: 3), Needs, "GRU");
        Add(new Recurrent(gates: 1), Needs, "RNN");
        Add(new BatchNormalization(), Statistics, "BatchNormalization");
        Add(new InstanceNormalization(), Statistics, "InstanceNormalization");
        Add(new GroupNormalization(), Statistics, "GroupNormalization");
        Add(new Pooling(), Slides, "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool");
        Add(new Reduce(), "reduces them to one value",
            "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp", "ArgMax", "ArgMin");
        Add(new Concat(), Needs, "Concat");
        Add(new Split(), Needs, "Split");
        Add(new Slice(), Needs, "Slice");
        Add(new Pad(), "mirrors or repeats them", "Pad");
        Add(new Gather(), "picks among them by computed indices", "Gather");
        Add(new Reshape(), Needs, "Reshape");
        Add(new Flatten(), Needs, "Flatten");
        Add(new Squeeze(), Needs, "Squeeze", "Unsqueeze");
        Add(new Transpose(), Needs, "Transpose");
        Add(new Resize(), "resizes them", "Resize", "Upsample");
        Add(new DepthToSpace(), Needs, "DepthToSpace");
        Add(new SpaceToDepth(), Needs, "SpaceToDepth");
        Add(new Expand(), Needs, "Expand");
        Add(new ConstantOfShape(), Needs, "ConstantOfShape");
        Add(new Tile(), Needs, "Tile");
        Add(new ShapeOf(), Needs, "Shape");
        Add(new Quantization(), Needs, "QuantizeLinear", "DequantizeLinear");
    }

    /// <summary>The row of a node's operator; null when pruning doesn't know it.</summary>
    public static ChannelOperator? Of(Node node) => Table.GetValueOrDefault(node.Domain.Length == 0 ? node.Op : $"{node.Domain}.{node.Op}");

    private static void Add(IIndexMap map, string whole, params string[] operators)
    {
        foreach (var op in operators) Table[op] = new(map, whole);
    }
}
