using Compress.Graph;
using Compress.Runtime;

namespace Compress.Training;

/// <summary>The nodes of a graph that is being rewritten for convolutions in blocks of channels (<see cref="ChannelBlock"/>).</summary>
/// <param name="block">Channels of a block.</param>
internal sealed class BlockWriter(OnnxGraph graph, long block)
{
    private readonly NameSource names = NameSource.Of(graph);

    public List<Node> Nodes { get; } = [];

    public long Block => block;

    public long Padded(long channels) => ChannelBlock.Padded(channels, block);

    public string Fresh(string name) => names.Fresh(name);

    public string Op(string op, string[] inputs, string domain = "", Action<Node>? set = null)
    {
        var node = new Node(op, inputs, [names.Fresh($"blocks_{op}")], "", domain);
        set?.Invoke(node);
        Nodes.Add(node);
        return node.Output;
    }

    /// <summary>A value [N, C, …] in blocks, C being filled up with zeros.</summary>
    public string InBlocks(string value) => Op("ReorderInput", [value], ChannelBlock.Domain);

    /// <summary>The way back.</summary>
    public void FromBlocks(string value, string output, long channels) => Nodes.Add(new Node("ReorderOutput", [value], [output], "", ChannelBlock.Domain).Set("channels", channels));

    public string Reshape(string value, params long[] shape) => Op("Reshape", [value, List(shape)]);

    public string Moved(string value, params long[] order) => Op("Transpose", [value], set: node => node.Set("perm", order));

    /// <summary>Zeros at the ends of axes.</summary>
    public string Filled(string value, long[] from, long[] to) =>
        from.SequenceEqual(to) ? value : Op("Pad", [value, List([.. new long[from.Length], .. to.Zip(from, (wide, narrow) => wide - narrow)])]);

    public string List(long[] values) => Constant(Tensor.List(values));

    public string Numbers(float[] values) => Constant(Tensor.Of(values, values.Length));

    public string Zeros(long count) => Numbers(new float[count]);

    private string Constant(Tensor value)
    {
        var name = names.Fresh("blocks_c");
        graph.Constants[name] = value;
        return name;
    }
}
