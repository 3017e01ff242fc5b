using Compress.Analysis;
using Compress.Graph;
using Compress.Plan;
using Compress.Runtime;

namespace Compress.Apply;

/// <summary>
/// Walks the graph once, layer by layer, with two streams of calibration samples side by side: the float model's, and that of the model compressed so
/// far. Each layer is fitted from the input that the compressed prefix really gives to the output that the float model has. Only the values that
/// later nodes still read are kept.
/// </summary>
public sealed class PrefixWalk : IDisposable
{
    private readonly OnnxModel reference;
    private readonly OnnxModel compressed;
    private readonly PrunedModel pruned;
    private readonly IReadOnlyDictionary<string, ValueFacts> shapes;
    private readonly Dictionary<string, ValueFacts> compressedShapes;
    private readonly IReadOnlyDictionary<string, Quantizer> grids;
    private readonly SessionSettings settings;
    private readonly GramKernel kernel;
    private readonly ActivationStore floats = new();
    private readonly ActivationStore actual = new();
    private readonly Dictionary<string, int> lastUse;

    /// <summary>Nodes of the float model → the same in the compressed one, where float nodes read <see cref="Placement.Exact"/> values under the name that has <see cref="FakeQuantization.Exact"/> behind.</summary>
    private readonly Dictionary<Node, Node> twins;
    private readonly GraphIndex index;

    /// <param name="facts">The float model, with its samples.</param>
    /// <param name="pruned">The model that is compressed: the float model, or the same with channels cut.</param>
    /// <param name="grids">Value → grid, for every value that is quantized.</param>
    /// <param name="placement">Where integers flow: what runs in float reads exact values; null: all that is quantized is read from its grid.</param>
    /// <param name="tables">Tables that are stored in few bits.</param>
    public PrefixWalk(ModelFacts facts, PrunedModel pruned, IReadOnlyDictionary<string, Quantizer> grids, int threads, Placement? placement = null, IReadOnlyList<StoredTable>? tables = null)
    {
        (reference, compressed, this.pruned, this.grids) = (facts.Model, pruned.Model.Clone(), pruned, grids);
        shapes = facts.Shapes;
        compressedShapes = new Dictionary<string, ValueFacts>(pruned.Shapes, StringComparer.Ordinal);
        if (placement is not null) ReadExact(placement);
        foreach (var table in tables ?? []) compressed.Graph.Constants[table.Table.Constant] = TableStorage.Dequantized(compressed.Graph.Constants[table.Table.Constant], table);
        twins = reference.Graph.Nodes.Zip(compressed.Graph.Nodes).ToDictionary(pair => pair.First, pair => pair.Second);
        // Values are put on their grids here to be computed with in float: nothing is there to fuse.
        settings = new SessionSettings(threads, FuseQuantized: false);
        kernel = new GramKernel(threads);
        index = GraphIndex.Of(reference.Graph);
        lastUse = LastUse(reference.Graph);
        foreach (var (value, use) in LastUse(compressed.Graph)) lastUse[value] = Math.Max(use, lastUse.GetValueOrDefault(value, -1));
        foreach (var name in facts.Samples[0].Inputs.Keys)
        {
            floats[name] = [.. facts.Samples.Select(batch => batch.Inputs[name])];
            actual[name] = actual[name + FakeQuantization.Exact] = floats[name];
        }
        Quantize([.. facts.Samples[0].Inputs.Keys.Where(grids.ContainsKey)]);
    }

    /// <summary>Runs the walk over the layers that are asked for; the others pass through as they are.</summary>
    public IReadOnlyDictionary<string, LayerResult> Run(IReadOnlyList<LayerTask> tasks, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        var byName = tasks.ToDictionary(task => task.Layer.Name, StringComparer.Ordinal);
        var byNode = pruned.Layers.Where(layer => byName.ContainsKey(layer.Name)).ToDictionary(layer => reference.Graph.Nodes[pruned.Model.Graph.Nodes.IndexOf(layer.Node)], layer => byName[layer.Name] with { Layer = layer });
        var results = new Dictionary<string, LayerResult>(StringComparer.Ordinal);
        var nodes = reference.Graph.Nodes;
        List<int> floatPending = [], actualPending = [];
        for (var i = 0; i < nodes.Count && results.Count < tasks.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (byNode.TryGetValue(nodes[i], out var task))
            {
                Advance(reference, floats, floatPending, i);
                Advance(compressed, actual, actualPending, i);
                Advance(reference, floats, [i], i + 1);
                results[task.Layer.Name] = Fit(task);
                progress?.Invoke((double)results.Count / tasks.Count);
            }
            else floatPending.Add(i);
            actualPending.Add(i);
        }
        return results;
    }

    public void Dispose() => kernel.Dispose();

    /// <summary>Fits one layer and puts the result into the compressed stream's model.</summary>
    private LayerResult Fit(LayerTask task)
    {
        var layer = task.Layer;
        var weight = compressed.Graph.Constants[layer.Weight];
        var old = WeightMatrix.Of(layer, weight);
        var (input, target) = (actual[Reads(layer)], Target(layer));
        var result = LayerRows.Of(layer, weight, input[0].Dims, target[0].Dims) is { Columns: <= LayerStatistics.WidestInput } rows && input.Zip(target).All(pair => rows.Match(pair.First, pair.Second))
            ? Fitted(task, new LayerFit(task, old, WithoutData.Bias(compressed, layer, old), rows, input, kernel), weight, input, target)
            : WithoutData.Round(compressed, task);
        compressed.Graph.Constants[layer.Weight] = weight.WithFloats(result.FloatWeights, weight.Dims);
        if (layer.Bias is { } bias) compressed.Graph.Constants[bias] = compressed.Graph.Constants[bias].WithFloats(result.Bias, compressed.Graph.Constants[bias].Dims);
        return result;
    }

    /// <summary>The name of a layer's input in the compressed stream.</summary>
    private string Reads(Layer layer) => compressed.Graph.Nodes[pruned.Model.Graph.Nodes.IndexOf(layer.Node)].Inputs[0];

    /// <summary>Lets the compressed stream's float nodes read what is exact for them.</summary>
    private void ReadExact(Placement placement)
    {
        foreach (var value in placement.Exact) compressedShapes[value + FakeQuantization.Exact] = pruned.Shapes[value];
        string Name(string value) => placement.Exact.Contains(value) && grids.ContainsKey(value) ? value + FakeQuantization.Exact : value;
        foreach (var (node, copy) in pruned.Model.Graph.Nodes.Zip(compressed.Graph.Nodes))
        {
            if (placement.Integer.ContainsKey(node)) continue;
            for (var i = 0; i < copy.Inputs.Count; i++) copy.Inputs[i] = Name(copy.Inputs[i]);
            SubGraphs.RenameCaptures(copy, Name);
        }
    }

    /// <summary>One fit; where channels are gone and capacity is scarce, float fits before it let the target reckon with a ReLU that follows.</summary>
    private LayerResult Fitted(LayerTask task, LayerFit fit, Tensor weight, Tensor[] input, Tensor[] target)
    {
        var nearest = target;
        if (task.Refit && pruned.Kept.Count > 0 && RectifiedTarget.Ceiling(task.Layer, target, reference.Graph, index, value => actual.Has(value) ? actual[value] : null) is { } ceiling)
            for (var turn = 0; turn < (task.IsDraft ? 1 : RectifiedTarget.Turns); turn++)
                nearest = RectifiedTarget.Nearest(target, ceiling, Output(task.Layer, weight, fit.Run(weight.Dims, nearest, round: false), input));
        return fit.Run(weight.Dims, nearest);
    }

    /// <summary>What a layer gives with new weights on the compressed input.</summary>
    private Tensor[] Output(Layer layer, Tensor weight, LayerResult result, Tensor[] input)
    {
        var variant = new OnnxModel { Graph = new OnnxGraph { Constants = new(compressed.Graph.Constants, StringComparer.Ordinal) }, Header = compressed.Header };
        variant.Graph.Constants[layer.Weight] = weight.WithFloats(result.FloatWeights, weight.Dims);
        variant.Graph.Constants[layer.Bias!] = compressed.Graph.Constants[layer.Bias!].WithFloats(result.Bias, compressed.Graph.Constants[layer.Bias!].Dims);
        using var session = new Session(Segment.Of(variant, [layer.Node], [layer.Node.Output], pruned.Shapes), settings);
        return [.. input.Select(tensor => session.Run(new Dictionary<string, Tensor> { [layer.Input] = tensor })[layer.Node.Output])];
    }

    /// <summary>
    /// The output that the layer should give: the float model's. Before a residual addition whose other side is known already, the float sum less the
    /// compressed other side, so that the layer absorbs the error that the shortcut carries.
    /// </summary>
    private Tensor[] Target(Layer layer)
    {
        var own = Kept(layer.Node.Output);
        // Behind the bias: a MatMul has it in an Add of its own.
        if (index.OnlyConsumer(layer.Output) is not { Op: "Add", Domain: "" } add) return own;
        var side = add.Inputs[0] == layer.Output ? 1 : 0;
        var (other, read) = (add.Inputs[side], twins[add].Inputs[side]);
        if (!floats.Has(other) || !actual.Has(read) || other == layer.Output) return own;
        var (there, here) = (Kept(other), actual[read]);
        if (ReferenceEquals(there, here) || there[0].Count != own[0].Count || here[0].Count != own[0].Count) return own;
        return [.. own.Select((tensor, b) => Sum(tensor, there[b], here[b]))];
    }

    /// <summary>A value of the float model, as far as the pruned model still has it.</summary>
    private Tensor[] Kept(string value) => Array.ConvertAll(floats[value], tensor => pruned.Left(value, tensor));

    private static Tensor Sum(Tensor own, Tensor there, Tensor here)
    {
        var (a, b, c) = (own.Floats(), there.Floats(), here.Floats());
        var sum = new float[a.Length];
        for (var i = 0; i < sum.Length; i++) sum[i] = a[i] + b[i] - c[i];
        return Tensor.Of(sum, own.Dims);
    }

    /// <summary>Runs the pending nodes of one stream and keeps what nodes from <paramref name="next"/> on still read.</summary>
    private void Advance(OnnxModel model, ActivationStore store, List<int> pending, int next)
    {
        if (pending.Count == 0) return;
        var isActual = ReferenceEquals(model, compressed);
        var made = pending.SelectMany(i => model.Graph.Nodes[i].Outputs).Where(value => value.Length > 0).ToList();
        if (isActual) made.AddRange(made.Where(grids.ContainsKey).Select(value => value + FakeQuantization.Exact).ToArray());
        // Both streams keep the same values, so that a residual target finds its other side.
        var wanted = made.Where(value => lastUse.GetValueOrDefault(value, -1) >= next).ToList();
        if (wanted.Count > 0)
        {
            var constants = new OnnxGraph { Constants = model.Graph.Constants };
            var nodes = pending.Select(i => model.Graph.Nodes[i]).SelectMany(node => isActual ? FakeQuantization.Around(node, constants, grids) : [node]).ToList();
            store.Run(Segment.Of(model, nodes, wanted, isActual ? compressedShapes : shapes), settings);
        }
        pending.Clear();
        store.ReleaseAll(lastUse, next);
    }

    /// <summary>Puts graph inputs on their grids in the compressed stream.</summary>
    private void Quantize(IReadOnlyList<string> inputs)
    {
        foreach (var input in inputs)
        {
            var graph = new OnnxGraph { Inputs = [.. reference.Graph.Inputs.Where(i => i.Name == input)] };
            graph.Nodes.AddRange(FakeQuantization.OnGrid(input, input + ".grid", grids[input], graph));
            graph.Outputs.Add(new Onnx.ValueInfoProto { Name = input + ".grid" });
            actual.Run(new OnnxModel { Graph = graph, Header = reference.Header }, settings);
            actual[input] = actual[input + ".grid"];
        }
    }

    private static Dictionary<string, int> LastUse(OnnxGraph graph)
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < graph.Nodes.Count; i++)
            foreach (var input in graph.Nodes[i].Inputs.Concat(SubGraphs.Captures(graph.Nodes[i]))) last[input] = i;
        foreach (var output in graph.Outputs) last[output.Name] = int.MaxValue;
        return last;
    }
}
