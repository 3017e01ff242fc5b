using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Onnx;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>
/// Writes quantizers as the Quant nodes of QONNX (qonnx.custom_op.general 1; inputs x, scale, zero point and bit-width, all float; attributes signed, narrow and
/// rounding_mode): y = (clip(round(x / s + z), low, high) − z) · s. Weights are float constants in front of one, as tools for FPGAs expect. The operator comes
/// along as a model-local function, so that stock ONNX Runtime runs the file too and the gate is measured on it.
/// </summary>
public static class QonnxForm
{
    public const string Domain = "qonnx.custom_op.general";

    /// <param name="model">In the plain form: Quantize–Dequantize pairs, weights behind a Dequantize.</param>
    /// <param name="prepared">Knows the bits.</param>
    public static OnnxModel Apply(OnnxModel model, PreparedPlan prepared)
    {
        var result = model.Clone();
        var graph = result.Graph;
        var index = GraphIndex.Of(graph);
        var bitsOf = prepared.Grids.ToDictionary(grid => grid.Key + ".s", grid => grid.Value.Bits, StringComparer.Ordinal);
        var layers = prepared.Pruned.Layers.Where(layer => prepared.Layers.GetValueOrDefault(layer.Name)?.Weights is not null).ToDictionary(layer => layer.Weight, layer => prepared.Layers[layer.Name].Weights!, StringComparer.Ordinal);
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            var node = graph.Nodes[i];
            if (!node.Is("DequantizeLinear")) continue;
            if (index.Producer(node.Inputs[0]) is { Op: "QuantizeLinear" } quantize && bitsOf.TryGetValue(node.Inputs[1], out var bits))
                graph.Nodes[i] = Quant(graph, quantize.Inputs[0], node, Float(graph, node.Inputs[1]), Float(graph, node.Inputs[2]), Scalar(graph, bits), isSigned: false);
            else if (graph.Constant(node.Inputs[0]) is { } codes && layers.TryGetValue(node.Output, out var weights)) graph.Nodes[i] = Weights(graph, node, codes, weights);
            else if (graph.Constant(node.Inputs[0]) is { Type: DataType.Int32 } bias && Scales(graph, index, node.Inputs[1]) is { } scales)
                graph.Constants[node.Output] = Tensor.Of([.. bias.Integers().Select((code, c) => code * scales[scales.Length == 1 ? 0 : c])], bias.Dims);
        }
        graph.Nodes.RemoveAll(node => node.Is("DequantizeLinear") && graph.Constants.ContainsKey(node.Output));
        Unused.Remove(graph);
        result.SetOpset(Domain, 1);
        result.Header.Functions.Add(Function(result.Opset));
        return result;
    }

    private static Node Weights(OnnxGraph graph, Node node, Tensor codes, RoundedWeights weights)
    {
        var scales = graph.Constants[node.Inputs[1]].Floats();
        var axis = (int)node.Int("axis", 1);
        var shape = Enumerable.Repeat(1L, codes.Rank).ToArray();
        shape[axis] = codes.Dims[axis];
        var inner = Tensor.ElementCount(codes.Dims.AsSpan(axis + 1));
        var exact = node.Output + ".exact";
        graph.Constants[exact] = Tensor.Of([.. codes.Integers().Select((code, i) => code * scales[i / inner % codes.Dims[axis]])], codes.Dims);
        var isTernary = weights.Bits == QuantizePolicy.Ternary;
        var width = isTernary ? 2 : weights.Bits;
        return Quant(graph, exact, node, Named(graph, node.Output + ".scale", Tensor.Of(scales, shape)), Scalar(graph, 0), Scalar(graph, width), isSigned: true, isNarrow: isTernary);
    }

    private static Node Quant(OnnxGraph graph, string x, Node old, string scale, string zero, string bits, bool isSigned, bool isNarrow = false) =>
        new Node("Quant", [x, scale, zero, bits], old.Outputs, old.Name, Domain).Set("signed", isSigned ? 1 : 0).Set("narrow", isNarrow ? 1 : 0).Set("rounding_mode", "ROUND");

    /// <summary>The factors of an integer bias: weight scales times the input's.</summary>
    private static float[]? Scales(OnnxGraph graph, GraphIndex index, string name) =>
        index.Producer(name) is { } product && product.Is("Mul") && graph.Constant(product.Inputs[0]) is { } weights && graph.Constant(product.Inputs[1]) is { } input
            ? [.. weights.Floats().Select(scale => scale * input.Floats()[0])] : graph.Constant(name)?.Floats();

    private static string Float(OnnxGraph graph, string constant) =>
        graph.Constants[constant].IsFloat ? constant : Named(graph, constant + "f", Tensor.Scalar(graph.Constants[constant].Integers()[0]));

    private static string Scalar(OnnxGraph graph, int value) => Named(graph, $"quant.{value}", Tensor.Scalar((float)value));

    private static string Named(OnnxGraph graph, string name, Tensor tensor)
    {
        graph.Constants[name] = tensor;
        return name;
    }

    /// <summary>
    /// low = −signed · (2^(b−1) − narrow), high = 2^(b−signed) − 1 − narrow · (1 − signed). Operators: Constant 13, Cast 13, Pow 15, Round 11 (half to even), Min 13, Max 13.
    /// </summary>
    private static FunctionProto Function(int opset)
    {
        var function = new FunctionProto { Name = "Quant", Domain = Domain };
        function.Input.AddRange(["x", "scale", "zero", "bits"]);
        function.Output.Add("y");
        function.Attribute.AddRange(["signed", "narrow", "rounding_mode"]);
        function.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        void Add(string op, string output, params string[] inputs) => function.Node.Add(OnnxWriter.ToProto(new Node(op, inputs, [output])));
        void Constant(string output, AttributeProto value)
        {
            var node = new NodeProto { OpType = "Constant" };
            node.Output.Add(output);
            node.Attribute.Add(value);
            function.Node.Add(node);
        }
        void Given(string attribute)
        {
            Constant(attribute + ".i", new AttributeProto { Name = "value_int", RefAttrName = attribute, Type = AttributeType.Int });
            function.Node.Add(OnnxWriter.ToProto(new Node("Cast", [attribute + ".i"], [attribute]).Set("to", (long)DataType.Float)));
        }
        Given("signed");
        Given("narrow");
        Constant("one", new AttributeProto { Name = "value_float", F = 1, Type = AttributeType.Float });
        Constant("two", new AttributeProto { Name = "value_float", F = 2, Type = AttributeType.Float });
        Add("Sub", "bits.less", "bits", "one");
        Add("Pow", "half", "two", "bits.less");
        Add("Sub", "reach", "half", "narrow");
        Add("Mul", "low.abs", "reach", "signed");
        Add("Neg", "low", "low.abs");
        Add("Sub", "bits.high", "bits", "signed");
        Add("Pow", "full", "two", "bits.high");
        Add("Sub", "unsigned", "one", "signed");
        Add("Mul", "narrowed", "narrow", "unsigned");
        Add("Sub", "top", "full", "one");
        Add("Sub", "high", "top", "narrowed");
        Add("Div", "steps", "x", "scale");
        Add("Add", "placed", "steps", "zero");
        Add("Round", "whole", "placed");
        Add("Max", "above", "whole", "low");
        Add("Min", "inside", "above", "high");
        Add("Sub", "centred", "inside", "zero");
        Add("Mul", "y", "centred", "scale");
        return function;
    }
}
