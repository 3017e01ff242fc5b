using Compress.Analysis;
using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>Weights as integer codes times scales, in a form that ONNX Runtime multiplies out once, when it loads the model.</summary>
internal static class ScaledCodes
{
    /// <summary>The type in which codes are scaled: the processor has no kernels for products of 16-bit floats, and what has no kernel is not folded.</summary>
    public static DataType DecodedIn(DataType type) => type == DataType.Double ? DataType.Double : DataType.Float;

    /// <summary>Integer codes times their scales as a constant of a float type, by nodes that ONNX Runtime folds when it loads the model.</summary>
    public static IEnumerable<Node> Nodes(string codes, string scale, string made, DataType type)
    {
        var decoded = DecodedIn(type);
        yield return new Node("Cast", [codes], [made + ".f"]).Set("to", (long)decoded);
        yield return new Node("Mul", [made + ".f", scale], [type == decoded ? made : made + ".m"]);
        if (type != decoded) yield return new Node("Cast", [made + ".m"], [made]).Set("to", (long)type);
    }

    /// <summary>Scales in the form that multiplies the weights. Those of a grouped transposed convolution lie along two axes: the group is a part of the first.</summary>
    public static Tensor Factors(Layer layer, Tensor original, int axis, float[] scales)
    {
        var weight = new Tensor(DecodedIn(original.Type), original.Dims, []);
        // Axes before the one of the scales are left out: a product lines shapes up at their ends.
        if (scales.Length == weight.Dims[axis]) return weight.WithFloats(scales, [scales.Length, .. Enumerable.Repeat(1L, weight.Rank - axis - 1)]);
        var (inputs, outputs) = ((int)weight.Dims[0], (int)weight.Dims[1]);
        var shape = Enumerable.Repeat(1L, weight.Rank).ToArray();
        (shape[0], shape[axis]) = (inputs, outputs);
        return weight.WithFloats([.. Enumerable.Range(0, inputs * outputs).Select(i => scales[(i / outputs / (inputs / layer.Group) * outputs) + (i % outputs)])], shape);
    }
}
