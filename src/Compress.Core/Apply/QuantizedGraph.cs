using Compress.Analysis;
using Compress.Graph;
using Compress.Plan;

namespace Compress.Apply;

/// <summary>
/// Writes the compressed graph: weights as packed integers, integer nodes between Dequantize and Quantize, moved values left in integers, everything else
/// in float. ONNX Runtime turns each Dequantize–node–Quantize group into its integer kernel.
/// The plain form is for other execution providers and tools: every integer node, moving ones too, stands between Dequantize and Quantize, weights are int8
/// or, at 4 bits, ONNX's own int4, and nothing is unpacked at load.
/// </summary>
public sealed class QuantizedGraph
{
    /// <summary>The oldest operator set that has all that is written here: BitwiseAnd, Split by sizes, per-channel DequantizeLinear.</summary>
    public const int Opset = 18;

    private readonly OnnxGraph source, graph;
    private readonly Placement placement;
    private readonly Dictionary<string, Quantizer> grids; // every quantized value → its grid
    private readonly Dictionary<Node, (Layer Layer, LayerResult Result)> layers;
    private readonly Dictionary<string, string> integers = new(StringComparer.Ordinal); // value → its integer tensor
    private readonly HashSet<string> dequantized = new(StringComparer.Ordinal);
    private readonly WeightPacking packing;
    private readonly ChannelConstants channels;
    private readonly LayerWriter writer;
    private readonly GraphIndex index;

    private readonly bool plain, qonnx;
    private readonly IReadOnlyList<StoredTable> tables;
    private readonly IReadOnlySet<string> packed, recurrent;

    private QuantizedGraph(PreparedPlan prepared, bool plain)
    {
        source = prepared.Pruned.Model.Graph;
        graph = new OnnxGraph
        {
            Name = "g",
            Constants = new(source.Constants, StringComparer.Ordinal),
            Inputs = [.. source.Inputs],
            Outputs = [.. source.Outputs],
        };
        (this.plain, qonnx, placement, tables, packed, recurrent) = (plain, prepared.Qonnx, prepared.Placement, prepared.Tables, prepared.PackedProducts, prepared.Recurrent);
        grids = placement.Grid.ToDictionary(entry => entry.Key, entry => prepared.Grids[entry.Value], StringComparer.Ordinal);
        layers = prepared.Pruned.Layers.Where(layer => prepared.Layers.ContainsKey(layer.Name)).ToDictionary(layer => layer.Node, layer => (layer, prepared.Layers[layer.Name]));
        packing = new WeightPacking(graph);
        channels = new ChannelConstants(graph, plain);
        writer = new LayerWriter(source, graph, packing, channels, plain, grids, Scale);
        index = GraphIndex.Of(source);
    }

    /// <param name="prepared">The float model and all that is to be written into it; layers without a result stay as they are.</param>
    /// <param name="plain">Whether the plain form is written.</param>
    public static OnnxModel Build(PreparedPlan prepared, bool plain = false) =>
        new OnnxModel { Graph = new QuantizedGraph(prepared, plain).Write(), Header = prepared.Pruned.Model.Header.Clone(), Files = prepared.Pruned.Model.Files };

    private OnnxGraph Write()
    {
        foreach (var input in source.Inputs)
            if (placement.Grid.ContainsKey(input.Name)) Quantize(input.Name, input.Name);
        foreach (var node in source.Nodes)
        {
            var isInteger = placement.Integer.TryGetValue(node, out var role);
            if (isInteger && placement.Absorbed.Contains(node)) continue;
            if (isInteger && role is IntegerRole.Moving or IntegerRole.Bounding && MovesIntegers(node)) Move(node, role);
            else Compute(node, isInteger);
        }
        foreach (var output in source.Outputs)
            if (integers.ContainsKey(output.Name) && !placement.Exact.Contains(output.Name)) Dequantized(output.Name, output.Name);
        graph.Nodes.InsertRange(0, [.. tables.Where(table => !recurrent.Contains(table.Table.Name)).SelectMany(table => TableStorage.Write(graph, packing, channels, table))]);
        foreach (var table in tables.Where(table => recurrent.Contains(table.Table.Name))) IntegerRecurrence.Write(graph, packing, channels, table);
        graph.Nodes.InsertRange(0, [.. packing.Build(), .. channels.Build()]);
        return graph;
    }

    /// <summary>Kernels that bound, pool or resize know integers of 8 bits only.</summary>
    private bool MovesIntegers(Node node) => !plain && grids[node.Inputs[0]].Bits <= 8;

    /// <summary>A node that computes: float inputs or dequantized ones, weights unpacked, outputs quantized where they have a grid.</summary>
    private void Compute(Node node, bool isInteger)
    {
        var copy = node.Clone();
        for (var i = 0; i < copy.Inputs.Count; i++)
            if (integers.ContainsKey(copy.Inputs[i]) && (isInteger || !placement.Exact.Contains(copy.Inputs[i]))) copy.Inputs[i] = Dequantized(copy.Inputs[i], copy.Inputs[i] + ".f");
        foreach (var capture in SubGraphs.Captures(node))
            if (integers.ContainsKey(capture) && !placement.Exact.Contains(capture)) Dequantized(capture, capture);
        if (layers.TryGetValue(node, out var layer) && layer.Result.Weights is { } weights && !isInteger && packed.Contains(layer.Layer.Name) && PackedProduct.Fits(layer.Layer, source.Constants[layer.Layer.Weight], weights))
        {
            writer.FloatBias(copy, layer.Layer, layer.Result);
            graph.Constants.Remove(layer.Layer.Weight);
            graph.Nodes.AddRange(PackedProduct.Write(graph, copy, layer.Layer, weights));
            copy = graph.Nodes[^1];
        }
        else
        {
            if (layer.Layer is not null) writer.Weights(copy, layer.Layer, layer.Result, isInteger);
            graph.Nodes.Add(recurrent.Contains(node.Name) ? copy = IntegerRecurrence.Of(copy) : copy);
        }
        for (var i = 0; i < copy.Outputs.Count; i++)
        {
            // Relu and Clip that follow a layer are its grid's lower and upper end.
            var stored = index.OnlyConsumer(node.Outputs[i]) is { } bound && placement.Absorbed.Contains(bound) ? bound.Output : node.Outputs[i];
            if (!placement.Grid.TryGetValue(stored, out _)) continue;
            if (!placement.Exact.Contains(stored)) copy.Outputs[i] = stored + ".x";
            Quantize(copy.Outputs[i], stored);
        }
    }

    /// <summary>A node that only moves or bounds values: on the integers themselves.</summary>
    private void Move(Node node, IntegerRole role)
    {
        var copy = node.Clone();
        copy.Inputs[0] = integers[node.Inputs[0]];
        var grid = grids[node.Inputs[0]];
        if (role == IntegerRole.Bounding)
        {
            var (low, high) = Placement.BoundsAt(source, node) ?? (0, double.PositiveInfinity);
            copy = new Node("Clip", [copy.Inputs[0], Constant(node.Output + ".low", grid.Integer(Place(low, grid))), Constant(node.Output + ".high", grid.Integer(Place(high, grid)))], node.Outputs, node.Name);
        }
        for (var i = 0; i < copy.Outputs.Count; i++)
        {
            if (node.Outputs[i].Length == 0) continue;
            copy.Outputs[i] = node.Outputs[i] + ".q";
            integers[node.Outputs[i]] = copy.Outputs[i];
        }
        graph.Nodes.Add(copy);
    }

    private static int Place(double bound, Quantizer grid) => (int)Math.Clamp(Math.Round(bound / grid.Scale) + grid.ZeroPoint, 0, grid.Top);

    private void Quantize(string from, string value)
    {
        var grid = grids[value];
        var (integer, top) = (value + ".q", Top(value, grid));
        var isBound = top < grid.Top || (grid.NeedsBound && !qonnx); // a Quant node ends where its bits do
        if (isBound && plain)
        {
            // In front of the pair: other runtimes know no Clip of integers.
            graph.Nodes.Add(new Node("Clip", [from, "", Constant($"{placement.Grid[value]}.top{top}.f", Tensor.Scalar((float)((top - grid.ZeroPoint) * (double)grid.Scale)))], [integer + "f"]));
            from = integer + "f";
        }
        graph.Nodes.Add(grid.IsDynamic ? new Node("DynamicQuantizeLinear", [from], [integer, Scale(value), Zero(value)]) : new Node("QuantizeLinear", [from, Scale(value), Zero(value)], [integer]));
        if (isBound && !plain)
        {
            graph.Nodes.Add(new Node("Clip", [integer, "", Constant($"{placement.Grid[value]}.top{top}", grid.Integer(top))], [integer + "b"]));
            integer += "b";
        }
        integers[value] = integer;
    }

    /// <summary>The last code that a value has: where the Clip that was absorbed stops it, if its grid was trained beyond that.</summary>
    private int Top(string value, Quantizer grid) =>
        !grid.IsDynamic && index.Producer(value) is { } node && placement.Absorbed.Contains(node) && Placement.BoundsAt(source, node) is { High: < double.PositiveInfinity and var high } ? Place(high, grid) : grid.Top;

    private string Dequantized(string value, string name)
    {
        if (dequantized.Add(name)) graph.Nodes.Add(new Node("DequantizeLinear", [integers[value], Scale(value), Zero(value)], [name]));
        return name;
    }

    private string Scale(string value) => Number(placement.Grid[value] + ".s", grids[value], grid => Tensor.Scalar(grid.Scale));

    private string Zero(string value) => Number(placement.Grid[value] + ".z", grids[value], grid => grid.Integer(grid.ZeroPoint));

    /// <summary>A number of a grid: a constant, or what the node that finds the grid gives.</summary>
    private string Number(string name, Quantizer grid, Func<Quantizer, Tensor> number) => grid.IsDynamic ? name : Constant(name, number(grid));

    private string Constant(string name, Tensor tensor)
    {
        graph.Constants[name] = tensor;
        return name;
    }
}
