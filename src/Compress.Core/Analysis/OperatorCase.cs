using System.Globalization;
using Compress.Graph;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Analysis;

/// <summary>One layer as something to time: an operator with its attributes, the shapes of activation and weights, and the arithmetic.</summary>
/// <param name="Node">The layer's node in the model; only its type and attributes count.</param>
/// <param name="Input">Dimensions of the activation.</param>
/// <param name="Weights">Dimensions of the weights.</param>
/// <param name="Integer">8-bit integers in and out, as between quantized layers; else float.</param>
public sealed record OperatorCase(Node Node, long[] Input, long[] Weights, bool Integer)
{
    private const string X = "x", W = "w", Y = "y", Scale = "s", Zero = "z";

    /// <summary>Opset 13 has all that is needed: DequantizeLinear with a scale for each channel.</summary>
    private const int Opset = 13;

    /// <summary>The layer as it stands in a model; <paramref name="shapes"/> were observed with the batch that latency is asked for.</summary>
    public static OperatorCase Of(Layer layer, IReadOnlyDictionary<string, ValueFacts> shapes, bool integer) =>
        new(layer.Node, shapes[layer.Input].Dims, shapes[layer.Weight].Dims, integer);

    /// <summary>Whether the two shapes, attributes and arithmetic are the same: then so is the time.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture,
        $"{Node.Op} {(Integer ? "int8" : "float")} [{string.Join(',', Input)}] × [{string.Join(',', Weights)}] {string.Join(' ', Node.Attributes.Values.Where(IsShape).Select(a => $"{a.Name}={(a.Ints.Count > 0 ? string.Join(',', a.Ints) : a.HasS ? a.S.ToStringUtf8() : a.I)}"))}").TrimEnd();

    /// <summary>The same layer with other numbers of channels.</summary>
    public OperatorCase Keep(long inChannels, long outChannels)
    {
        var node = Node.Clone();
        var (input, weights) = ((long[])Input.Clone(), (long[])Weights.Clone());
        var channelAxis = Node.Op is "Conv" or "ConvTranspose" ? 1 : input.Length - 1;
        var groups = Node.Int("group", 1);
        var depthwise = groups > 1 && groups == input[channelAxis];
        if (depthwise) node.Set("group", inChannels);
        var (inAxis, outAxis) = Axes;
        weights[inAxis] = inAxis == 0 ? inChannels : depthwise ? weights[inAxis] : inChannels / groups;
        weights[outAxis] = outAxis == 0 ? outChannels : depthwise ? weights[outAxis] : outChannels / groups;
        input[channelAxis] = inChannels;
        return new(node, input, weights, Integer);
    }

    /// <summary>A model of this operator alone, and what to feed it.</summary>
    public (byte[] Model, IReadOnlyDictionary<string, Tensor> Feed) Build()
    {
        var graph = new OnnxGraph();
        var header = new ModelProto { IrVersion = 8 };
        header.OpsetImport.Add(new OperatorSetIdProto { Version = Opset });
        var elements = Tensor.ElementCount(Input);
        var node = Node.Clone();
        node.Inputs.Clear();
        node.Outputs.Clear();
        if (Integer) Quantized(graph, node);
        else
        {
            graph.Constants[W] = Tensor.Of(Ramp(Tensor.ElementCount(Weights)), Weights);
            node.Inputs.AddRange([X, W]);
            node.Outputs.Add(Y);
            graph.Nodes.Add(node);
        }
        graph.Inputs.Add(TensorInfo.Of(X, Integer ? DataType.Uint8 : DataType.Float, Input));
        graph.Outputs.Add(new ValueInfoProto { Name = Y });
        var feed = Integer ? Tensor.Of(new byte[elements], Input) : Tensor.Of(Ramp(elements), Input);
        return (OnnxWriter.ToBytes(new OnnxModel { Graph = graph, Header = header }), new Dictionary<string, Tensor> { [X] = feed });
    }

    /// <summary>Axes of the weights that hold input and output channels.</summary>
    private (int In, int Out) Axes => Node.Op switch
    {
        "Conv" => (1, 0),
        "Gemm" when Node.Int("transB") != 0 => (1, 0),
        "ConvTranspose" => (0, 1),
        _ => (Weights.Length - 2, Weights.Length - 1),
    };

    private void Quantized(OnnxGraph graph, Node node)
    {
        graph.Constants[Scale] = Tensor.Scalar(0.1f);
        graph.Constants[Zero] = Tensor.Of(new byte[] { 0 });
        graph.Constants[W] = Tensor.Of(new sbyte[Tensor.ElementCount(Weights)], Weights);
        var axis = Axes.Out;
        // Groups share the output axis of a transposed convolution, so its weights have one scale.
        string[] scale = [Scale];
        if (Node.Op != "ConvTranspose")
        {
            graph.Constants["ws"] = Tensor.Of(Enumerable.Repeat(0.1f, (int)Weights[axis]).ToArray(), Weights[axis]);
            scale = ["ws"];
        }
        graph.Nodes.Add(new Node("DequantizeLinear", [X, Scale, Zero], ["xf"]));
        graph.Nodes.Add(new Node("DequantizeLinear", [W, .. scale], ["wf"]).Set("axis", axis));
        node.Inputs.AddRange(["xf", "wf"]);
        node.Outputs.Add("yf");
        graph.Nodes.Add(node);
        graph.Nodes.Add(new Node("QuantizeLinear", ["yf", Scale, Zero], [Y]));
    }

    private static bool IsShape(AttributeProto attribute) => attribute.Name is not ("alpha" or "beta");

    private static float[] Ramp(long count) => [.. Enumerable.Range(0, (int)count).Select(i => (i % 17 - 8) / 16f)];
}
