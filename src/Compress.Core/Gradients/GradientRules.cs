using Compress.Diagnostics;
using Compress.Graph;
using Compress.Runtime.Operators;

namespace Compress.Gradients;

/// <summary>Adds to the gradients of a node's inputs what its outputs' gradients give.</summary>
internal delegate void GradientRule(GradientScope scope, Node node);

/// <summary>Operator (ONNX domain) → rule.</summary>
internal static class GradientRules
{
    private static readonly Dictionary<string, GradientRule> ByOperator = new(StringComparer.Ordinal)
    {
        ["Abs"] = Elementwise.Abs,
        ["Add"] = Elementwise.Add,
        ["AveragePool"] = Pooling.Average,
        ["BatchNormalization"] = Normalization.Batch,
        ["Cast"] = Shaping.Cast,
        ["Clip"] = Activations.Clip,
        ["Concat"] = Slicing.Concat,
        ["Conv"] = Convolution.Conv,
        ["ConvTranspose"] = Convolution.ConvTranspose,
        ["DepthToSpace"] = Shaping.DepthToSpace,
        ["DequantizeLinear"] = Quantization.Dequantize,
        ["Div"] = Elementwise.Div,
        ["Dropout"] = Elementwise.Identity,
        ["Elu"] = Activations.Elu,
        ["Erf"] = Elementwise.Erf,
        ["Exp"] = Elementwise.Exp,
        ["Expand"] = Shaping.Expand,
        ["Flatten"] = Shaping.Reshape,
        ["Gather"] = Slicing.Gather,
        ["Gelu"] = Activations.Gelu,
        ["Gemm"] = MatrixProduct.Gemm,
        ["GlobalAveragePool"] = Pooling.GlobalAverage,
        ["HardSigmoid"] = Activations.HardSigmoid,
        ["HardSwish"] = Activations.HardSwish,
        ["Identity"] = Elementwise.Identity,
        ["LayerNormalization"] = Normalization.Layer,
        ["LeakyRelu"] = Activations.LeakyRelu,
        ["Log"] = Elementwise.Log,
        ["LogSoftmax"] = Activations.LogSoftmax,
        ["MatMul"] = MatrixProduct.MatMul,
        ["Max"] = Elementwise.Selected,
        ["MaxPool"] = Pooling.Max,
        ["Min"] = Elementwise.Selected,
        ["Mul"] = Elementwise.Mul,
        ["Neg"] = Elementwise.Neg,
        ["PRelu"] = Activations.PRelu,
        ["Pad"] = Slicing.Pad,
        ["Pow"] = Elementwise.Pow,
        ["Reciprocal"] = Elementwise.Reciprocal,
        ["ReduceL2"] = Reduction.L2,
        ["ReduceMean"] = Reduction.Mean,
        ["ReduceSum"] = Reduction.Sum,
        ["ReduceSumSquare"] = Reduction.SumSquare,
        ["Relu"] = Activations.Relu,
        ["Reshape"] = Shaping.Reshape,
        ["Resize"] = Resizing.Nearest,
        ["Round"] = Elementwise.Identity, // straight through: a rounded value follows the value, as quantization-aware training wants it
        ["Sigmoid"] = Activations.Sigmoid,
        ["Slice"] = Slicing.Slice,
        ["Softmax"] = Activations.Softmax,
        ["Softplus"] = Activations.Softplus,
        ["SpaceToDepth"] = Shaping.SpaceToDepth,
        ["Split"] = Slicing.Split,
        ["Sqrt"] = Elementwise.Sqrt,
        ["Squeeze"] = Shaping.Reshape,
        ["Sub"] = Elementwise.Sub,
        ["Sum"] = Elementwise.Sum,
        ["Tanh"] = Activations.Tanh,
        ["Transpose"] = Shaping.Transpose,
        ["Unsqueeze"] = Shaping.Reshape,
        ["Where"] = Elementwise.Where,
    };

    /// <summary>The same for operators that only graphs to train have.</summary>
    private static readonly Dictionary<string, GradientRule> ByOwnOperator = new(StringComparer.Ordinal) { [OwnOperators.Quantize] = Quantization.Fake };

    /// <summary>Operators whose outputs do not move with small changes of their inputs: their gradient is zero everywhere.</summary>
    private static readonly HashSet<string> Flat = new(StringComparer.Ordinal)
    {
        "And", "ArgMax", "ArgMin", "Ceil", "ConstantOfShape", "Equal", "Floor", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual",
        "NonZero", "Not", "OneHot", "Or", "Shape", "Sign", "Size", "Xor",
    };

    public static bool IsFlat(Node node) => node.Domain.Length == 0 && Flat.Contains(node.Op);

    /// <exception cref="CompressionException">CMP4501.</exception>
    public static GradientRule Of(Node node)
    {
        var known = node.Domain.Length == 0 ? ByOperator : node.Domain == OwnOperators.Domain ? ByOwnOperator : null;
        return known?.GetValueOrDefault(node.Op) ?? throw Refuse(node, "this operator has none");
    }

    /// <summary>The error of a rule that does not hold for a node.</summary>
    public static CompressionException Refuse(Node node, string why) =>
        Codes.NoGradient(node.Domain.Length > 0 ? $"{node.Domain}.{node.Op}" : node.Op, node.Name.Length > 0 ? node.Name : node.Output, why).Error();
}
