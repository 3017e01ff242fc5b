using Compress.Graph;
using Compress.Plan;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>
/// LSTM whose products are of integers: DynamicQuantizeLSTM 1 of ONNX Runtime's own operator set (1.9 for a scale a gate). It rounds what it reads, and its state at every step,
/// to 8 bits by the range that it has just then. Weights int8 [directions, inputs, 4·hidden] and [directions, hidden, 4·hidden], scales [directions, 4·hidden].
/// </summary>
internal static class IntegerRecurrence
{
    private const string Written = "DynamicQuantizeLSTM";

    /// <summary>Inputs of LSTM 14: input, weights, recurrent weights, bias, lengths, first state, first cell, peepholes. The quantized form has scales and zero points after them.</summary>
    private const int Weights = 1, Recurrent = 2, Inputs = 8;

    public static bool Fits(OnnxGraph graph, GraphIndex index, Node node) =>
        OperatorClass.IsRecurrent(node) && node.Int("layout") == 0 && node.Int("input_forget") == 0
            && new[] { Weights, Recurrent }.All(i => graph.Constant(node.Input(i)) is { Type: DataType.Float, Rank: 3 } && index.OnlyConsumer(node.Inputs[i]) == node);

    /// <summary>The nodes both of whose weights are stored as integers.</summary>
    public static IReadOnlySet<string> Stored(IEnumerable<string> nodes, IReadOnlyList<StoredTable> tables) =>
        nodes.Where(node => tables.Count(table => table.Table.Name == node) == 2).ToHashSet(StringComparer.Ordinal);

    /// <summary>Puts codes, scales and zero points in the place of the float weights of one input.</summary>
    public static void Write(OnnxGraph graph, WeightPacking packing, ChannelConstants channels, StoredTable stored)
    {
        var (name, constant) = (stored.Table.Constant, graph.Constants[stored.Table.Constant]);
        var (directions, gates, columns) = (constant.Dims[0], constant.Dims[1], constant.Dims[2]);
        graph.Constants.Remove(name);
        packing.Add(name + ".c", [directions, columns, gates], TableStorage.Transposed(stored.Weights.Codes, gates, columns), stored.Weights.Bits);
        channels.AddScales(name + ".s", Tensor.Of(stored.Weights.Scales, directions, gates));
        graph.Constants[name + ".z"] = Tensor.Of(new sbyte[directions * gates], directions, gates);
    }

    /// <summary>The node that takes the float one's place.</summary>
    public static Node Of(Node node)
    {
        var inputs = Enumerable.Range(0, Inputs).Select(node.Input).ToList();
        foreach (var i in new[] { Weights, Recurrent })
        {
            inputs.AddRange([inputs[i] + ".s", inputs[i] + ".z"]);
            inputs[i] += ".c";
        }
        var result = new Node(Written, inputs, node.Outputs, node.Name, OperatorForm.Microsoft);
        foreach (var attribute in node.Attributes.Values.Where(attribute => attribute.Name != "layout")) result.Put(attribute.Clone());
        return result;
    }
}
