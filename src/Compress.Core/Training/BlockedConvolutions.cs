using Compress.Analysis;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime;
using Compress.Runtime.Operators;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Training;

/// <summary>
/// Convolutions of a graph to train in the layout with blocks of channels, in which ONNX Runtime's direct kernels work (<see cref="ChannelBlock"/>). Its own optimizer
/// does that for constant weights alone; here weights are inputs, so they are brought into blocks as the graph runs. Element-wise operators between convolutions work in
/// blocks too.
/// </summary>
internal sealed class BlockedConvolutions
{
    private readonly IReadOnlyDictionary<string, long[]> dims;
    private readonly BlockWriter writer;
    private readonly BlockedValues values;
    private readonly BlockedWeights weights;

    private BlockedConvolutions(OnnxGraph graph, IReadOnlyDictionary<string, long[]> dims, long block)
    {
        (this.dims, writer) = (dims, new BlockWriter(graph, block));
        values = new BlockedValues(writer, graph, dims);
        weights = new BlockedWeights(writer);
    }

    /// <summary>Rewrites all convolutions that gain by it.</summary>
    /// <param name="feed">Of any number of samples.</param>
    public static void Apply(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed)
    {
        if (OwnOperators.Block is not { } block || !model.Graph.Nodes.Exists(node => node.Is("Conv") || BlockedValues.IsInBlocks(node))) return;
        var read = model.Graph.Nodes.Where(node => node.Is("Conv") || BlockedValues.IsOfTwo(node) || BlockedValues.IsInBlocks(node)).SelectMany(node => node.Inputs)
            .Concat(model.Graph.Nodes.Where(node => BlockedValues.IsFromBlocks(node) || node.Is("MaxPool")).Select(node => node.Output)).ToHashSet(StringComparer.Ordinal);
        var dims = ObservedShapes.Observe(model, feed, read.Contains).Where(entry => entry.Value.Type == DataType.Float).ToDictionary(entry => entry.Key, entry => entry.Value.Dims, StringComparer.Ordinal);
        new BlockedConvolutions(model.Graph, dims, block).Rewrite(model);
    }

    private void Rewrite(OnnxModel model)
    {
        foreach (var node in model.Graph.Nodes)
            if (IsSuited(node)) Write(node);
            else if (!values.Follow(node)) writer.Nodes.Add(node);
        if (writer.Nodes.All(node => node.Domain != ChannelBlock.Domain)) return;
        model.Graph.Nodes.Clear();
        model.Graph.Nodes.AddRange(writer.Nodes);
        GraphEdit.ReplaceUses(model.Graph, name => values.Others.GetValueOrDefault(name, name));
        Unused.Remove(model.Graph);
        model.SetOpset(ChannelBlock.Domain, 1);
        model.SetOpset(OwnOperators.Domain, 1);
    }

    private bool IsSuited(Node node)
    {
        if (!node.Is("Conv") || !dims.ContainsKey(node.Inputs[0]) || dims.GetValueOrDefault(node.Inputs[1]) is not [var filters, var channels, _, _]) return false; // in float alone
        var group = node.Int("group", 1);
        return (group == 1 || (channels == 1 && group == filters)) && Blocks.Fill(filters, writer.Block);
    }

    private void Write(Node node)
    {
        var (x, w) = (node.Inputs[0], node.Inputs[1]);
        var (filters, channels, group) = (dims[w][0], dims[w][1], node.Int("group", 1));
        var isNarrow = group == 1 && channels < writer.Block; // read as it lies
        var kernel = isNarrow ? weights.OfNarrow(w, dims[w]) : weights.Of(w);
        string[] read = [isNarrow ? x : values.Blocked(x), kernel];
        var bias = node.Input(2) is { Length: > 0 } own ? writer.Filled(own, [filters], [writer.Padded(filters)]) : null;
        var (result, shape) = (writer.Fresh(node.Output + ".blocks"), Shape(node));
        // Over single pixels, and with a channel a group, ONNX Runtime's own is the faster one.
        if (!isNarrow && shape is { IsDepthwise: false, Positions: > 1 } ours)
            writer.Nodes.Add(new Node(OwnOperators.Convolve, [.. read, bias ?? writer.Zeros(writer.Padded(filters)), writer.Numbers(ours.Numbers)], [result], node.Name, OwnOperators.Domain));
        else
        {
            var made = new Node("Conv", [.. read, .. bias is null ? [] : new[] { bias }], [result], node.Name, ChannelBlock.Domain);
            foreach (var (name, attribute) in node.Attributes) made.Attributes[name] = attribute;
            if (group > 1) made.Set("group", writer.Padded(filters));
            writer.Nodes.Add(made);
        }
        values.Made(node.Output, result, filters, shape is { } known ? [dims[x][0], filters, .. Sizes(known.Output((dims[x][2], dims[x][3])))] : null);
    }

    private static long[] Sizes((long H, long W) size) => [size.H, size.W];

    /// <summary>Null where pads are automatic.</summary>
    private ConvShape? Shape(Node node)
    {
        var weight = dims[node.Inputs[1]];
        return node.Text("auto_pad", "NOTSET") == "NOTSET" ? Window.Of(node, weight[2..], dims[node.Inputs[0]], []).Shape(weight, node.Int("group", 1) > 1) : null;
    }
}
