using Compress.Analysis;
using Compress.Graph;
using Compress.Runtime;

namespace Compress.Training;

/// <summary>
/// Convolutions of a graph to train in the layout with blocks of channels, in which ONNX Runtime's direct kernels work (<see cref="ChannelBlock"/>). Its own optimizer
/// does that for constant weights alone; here weights are inputs, so they are brought into blocks as the graph runs: [M, C, h, w] → [M/b, C/b, h, w, b of C, b of M],
/// and with few input channels or one a group → [M/b, C, h, w, b of M].
/// </summary>
internal sealed class BlockedConvolutions
{
    /// <summary>Filling blocks with zeros costs time too: at most so many times the channels that there are.</summary>
    private const int MostFilling = 2;

    /// <summary>Positions of a kernel from which on it counts how it gets into blocks.</summary>
    private const int LargeKernel = 32;

    private readonly OnnxGraph graph;
    private readonly NameSource names;
    private readonly IReadOnlyDictionary<string, long[]> dims;
    private readonly long block;
    private readonly List<Node> nodes = [];
    private readonly Dictionary<string, string> blocked = new(StringComparer.Ordinal);

    private BlockedConvolutions(OnnxGraph graph, IReadOnlyDictionary<string, long[]> dims, long block)
    {
        (this.graph, this.dims, this.block) = (graph, dims, block);
        names = NameSource.Of(graph);
    }

    /// <summary>Rewrites all convolutions that gain by it; nothing where this ONNX Runtime has no such kernels.</summary>
    /// <param name="feed">Of as many samples as the graph will run with, if that is ever the same; else of any.</param>
    public static void Apply(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed)
    {
        if (ChannelBlock.Size is not (> 1 and var block)) return;
        var read = model.Graph.Nodes.Where(node => node.Is("Conv")).SelectMany(node => node.Inputs).ToHashSet(StringComparer.Ordinal);
        var dims = ObservedShapes.Observe(model, feed, read.Contains).ToDictionary(entry => entry.Key, entry => entry.Value.Dims, StringComparer.Ordinal);
        new BlockedConvolutions(model.Graph, dims, block).Rewrite(model);
    }

    private void Rewrite(OnnxModel model)
    {
        foreach (var node in model.Graph.Nodes)
            if (IsSuited(node)) Write(node);
            else nodes.Add(node);
        if (nodes.All(node => node.Domain != ChannelBlock.Domain)) return;
        model.Graph.Nodes.Clear();
        foreach (var node in nodes) model.Graph.Nodes.Add(node);
        model.SetOpset(ChannelBlock.Domain, 1);
    }

    /// <summary>Filters from which a convolution is rewritten; null: none is.</summary>
    public static int? LeastFilters => ChannelBlock.Size > 1 ? ChannelBlock.Size / MostFilling : null;

    private bool IsSuited(Node node)
    {
        if (!node.Is("Conv") || dims[node.Inputs[1]] is not [var filters, var channels, _, _]) return false;
        var group = node.Int("group", 1);
        return (group == 1 || (channels == 1 && group == filters)) && Padded(filters) <= MostFilling * filters;
    }

    private void Write(Node node)
    {
        var (x, w) = (node.Inputs[0], node.Inputs[1]);
        var (filters, channels, group) = (dims[w][0], dims[w][1], node.Int("group", 1));
        var isDepthwise = group > 1;
        var isNarrow = !isDepthwise && channels < block; // read as it lies
        var weights = isDepthwise ? ChannelWeights(w) : Weights(w, isNarrow ? channels : Padded(channels), !isNarrow);
        var made = new Node("Conv", [isNarrow ? x : Blocked(x), weights], [names.Fresh(node.Output + ".blocks")], node.Name, ChannelBlock.Domain);
        foreach (var (name, attribute) in node.Attributes) made.Attributes[name] = attribute;
        if (isDepthwise) made.Set("group", Padded(filters));
        if (node.Input(2) is { Length: > 0 } bias) made.Inputs.Add(Filled(bias, [filters], [Padded(filters)]));
        nodes.Add(made);
        nodes.Add(new Node("ReorderOutput", [made.Output], [node.Output], "", ChannelBlock.Domain).Set("channels", filters));
    }

    /// <summary>A value [N, C, …] in blocks, made once however many read it.</summary>
    private string Blocked(string value)
    {
        if (blocked.TryGetValue(value, out var known)) return known;
        var channels = dims[value][1];
        // The kernel moves four channels at a time.
        var source = channels % 4 == 0 ? value : Filled(value, dims[value], [dims[value][0], Padded(channels), .. dims[value][2..]]);
        return blocked[value] = Op("ReorderInput", [source], ChannelBlock.Domain);
    }

    /// <summary>Weights [C, 1, h, w] as those of blocks: what ReorderInput makes of a value [1, C, h, w].</summary>
    private string ChannelWeights(string w)
    {
        long[] from = dims[w], to = [Padded(from[0]), .. from[1..]];
        var filled = from[0] % 4 == 0 ? w : Filled(w, from, to);
        return Op("Reshape", [Op("ReorderInput", [Op("Reshape", [filled, List([1, -1, .. from[2..]])])], ChannelBlock.Domain), List(to)]);
    }

    /// <summary>The same of a kernel that is a value itself, as in weight gradients: ReorderInput and moves of whole blocks take a fraction of the time of single numbers.</summary>
    private string LargeWeights(string w, long[] to)
    {
        var turned = Op("ReorderInput", [Moved(w, [1, 0, 2, 3])], ChannelBlock.Domain);
        return Op("Reshape", [Moved(Op("Reshape", [turned, List([to[1] / block, block, to[0] / block, to[2] * to[3], block])]), [2, 0, 3, 1, 4]), List(to)]);
    }

    private string Weights(string w, long channels, bool inBlocks)
    {
        long[] from = dims[w], to = [Padded(from[0]), channels, .. from[2..]];
        if (inBlocks && from[2] * from[3] >= LargeKernel && from[0] % 4 == 0 && channels == from[1]) return LargeWeights(w, to);
        var filled = Filled(w, from, to);
        long[] split = inBlocks ? [to[0] / block, block, to[1] / block, block, to[2], to[3]] : [to[0] / block, block, to[1], to[2], to[3]];
        long[] order = inBlocks ? [0, 2, 4, 5, 3, 1] : [0, 2, 3, 4, 1];
        return Op("Reshape", [Moved(Op("Reshape", [filled, List(split)]), order), List(to)]);
    }

    /// <summary>Zeros at the ends of axes.</summary>
    private string Filled(string value, long[] from, long[] to) =>
        from.SequenceEqual(to) ? value : Op("Pad", [value, List([.. new long[from.Length], .. to.Zip(from, (wide, narrow) => wide - narrow)])]);

    private string Moved(string value, long[] order) => Op("Transpose", [value], set: node => node.Set("perm", order));

    private long Padded(long channels) => (channels + block - 1) / block * block;

    private string Op(string op, string[] inputs, string domain = "", Action<Node>? set = null)
    {
        var node = new Node(op, inputs, [names.Fresh($"blocks_{op}")], "", domain);
        set?.Invoke(node);
        nodes.Add(node);
        return node.Output;
    }

    private string List(long[] values)
    {
        var name = names.Fresh("blocks_c");
        graph.Constants[name] = Tensor.List(values);
        return name;
    }
}
