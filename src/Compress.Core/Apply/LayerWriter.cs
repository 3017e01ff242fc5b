using Compress.Analysis;
using Compress.Graph;
using Compress.Plan;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>Writes what the layers of a <see cref="QuantizedGraph"/> read: weights as codes with scales, biases in float or in the integers of their layer.</summary>
/// <param name="source">The float graph.</param>
/// <param name="graph">The one that is written.</param>
/// <param name="packing">Where codes of fewer than 8 bits are kept.</param>
/// <param name="channels">Where scales and biases are kept.</param>
/// <param name="plain">Nothing is unpacked at load.</param>
/// <param name="grids">Every quantized value → its grid.</param>
/// <param name="scaleOf">The name of a value's scale.</param>
internal sealed class LayerWriter(OnnxGraph source, OnnxGraph graph, WeightPacking packing, ChannelConstants channels, bool plain, IReadOnlyDictionary<string, Quantizer> grids, Func<string, string> scaleOf)
{
    /// <summary>Weights in the form that the node reads, and its bias beside them.</summary>
    /// <param name="isInteger">Whether it computes in integers.</param>
    public void Weights(Node node, Layer layer, LayerResult result, bool isInteger)
    {
        var original = source.Constants[layer.Weight];
        var dims = original.Dims;
        if (result.Weights is not { } found)
        {
            graph.Constants[layer.Weight] = original.WithFloats(result.FloatWeights, dims);
            FloatBias(node, layer, result);
            return;
        }
        var rounded = isInteger && node.Op != "MatMul" ? found.WithRoomFor(result.Bias, grids[layer.Input].Scale) : found;
        var axis = WeightMatrix.ScaleAxis(layer);
        var codes = layer.Weight + ".c";
        graph.Constants.Remove(layer.Weight);
        var tensor = WeightMatrix.ToTensorLayout(layer, dims, rounded.Codes);
        if (plain) graph.Constants[codes] = rounded.Bits == 4 ? WeightPacking.Int4(tensor, dims) : Tensor.Of(tensor, dims);
        else if (rounded.Widths is { } widths) packing.Add(codes, dims, tensor, axis, widths, rounded.Grid);
        else packing.Add(codes, dims, tensor, rounded.Bits, rounded.Grid.IsMidRise);
        if (isInteger || (plain && original.Type == DataType.Float && rounded.Scales.Length == dims[axis]))
        {
            var scale = channels.AddScales(layer.Weight + ".s", Tensor.Of(rounded.Scales, rounded.Scales.Length));
            // Convolutions take a missing zero point for zero; the integer kernels of dense layers want to see it, one a channel; layers of one width share them.
            string[] inputs = layer.Kind == LayerKind.Conv || rounded.Bits == 4 && plain ? [codes, scale] : [codes, scale, Constant($"w.zero{rounded.Scales.Length}", Tensor.Of(new sbyte[rounded.Scales.Length], rounded.Scales.Length))];
            graph.Nodes.Add(new Node("DequantizeLinear", inputs, [layer.Weight]).Set("axis", axis));
            if (isInteger) IntegerBias(node, layer, result, rounded);
            else FloatBias(node, layer, result);
        }
        else
        {
            // Cast and Mul, not DequantizeLinear: these are folded to a float constant at load, that one is kept for fusions and would run every time.
            graph.Nodes.AddRange(ScaledCodes.Nodes(codes, channels.AddScales(layer.Weight + ".s", ScaledCodes.Factors(layer, original, axis, rounded.Scales)), layer.Weight, original.Type));
            FloatBias(node, layer, result);
        }
        node.Inputs[1] = layer.Weight;
    }

    /// <summary>A bias that corrects what rounding shifts; made where there was none.</summary>
    public void FloatBias(Node node, Layer layer, LayerResult result)
    {
        if (layer.Bias is { } bias)
        {
            var old = source.Constants[bias];
            graph.Constants[bias] = old.WithFloats(result.Bias, old.Dims);
        }
        else if (node.Op is "Conv" or "ConvTranspose" or "Gemm") SetBias(node, Constant(layer.Weight + ".b", source.Constants[layer.Weight].WithFloats(result.Bias, [result.Bias.Length])));
    }

    /// <summary>int32 with scale = input scale × weight scale; any other scale and ONNX Runtime refuses its integer kernel.</summary>
    private void IntegerBias(Node node, Layer layer, LayerResult result, RoundedWeights rounded)
    {
        if (node.Op == "MatMul")
        {
            FloatBias(node, layer, result);
            return;
        }
        var inputScale = grids[layer.Input].Scale;
        var name = layer.Weight + ".b";
        var bias = channels.AddBiases(name + "c", [.. rounded.Scales.Zip(result.Bias, (scale, bias) => bias / (double)(scale * inputScale))]);
        // Multiplied out when the model is loaded: one node is smaller than a scale for every channel.
        graph.Nodes.Add(new Node("Mul", [layer.Weight + ".s", scaleOf(layer.Input)], [name + "s"]));
        graph.Nodes.Add(new Node("DequantizeLinear", [bias, name + "s"], [name]).Set("axis", 0));
        SetBias(node, name);
        if (layer.Bias is { } old) graph.Constants.Remove(old);
    }

    private static void SetBias(Node node, string bias)
    {
        if (node.Inputs.Count > 2) node.Inputs[2] = bias;
        else node.Inputs.Add(bias);
    }

    private string Constant(string name, Tensor tensor)
    {
        graph.Constants[name] = tensor;
        return name;
    }
}
