using Compress.Analysis;
using Compress.Core.Tests.Apply;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

/// <summary>Tells where channels go: cuts every channel of a small model one by one, compares with masking, and writes the paths down.</summary>
internal static class Travel
{
    /// <summary>Each open group as "producer rows>consumer positions" for channel after channel: "0>0 1>1 2>2"; several consumers with commas, groups with bars.</summary>
    public static string Of(ModelBuilder builder, int batch = 2)
    {
        var (model, feed) = (builder.Build(), builder.Feed(batch));
        var groups = Cutting.Groups(model, feed);
        foreach (var group in groups.Open)
            for (var channel = 0; channel < group.Channels; channel++)
            {
                int[] kept = [.. Enumerable.Range(0, group.Channels).Where(other => other != channel)];
                Cutting.AssertPrunedEqualsMasked(model, feed, groups, [Cutting.Keep(group.Id, kept)], $"{group.Id} without {channel}");
            }
        return string.Join(" | ", groups.Open.Select(Path));
    }

    /// <summary>Why the channels that a layer makes are closed.</summary>
    public static string Closed(ModelBuilder builder, string layer)
    {
        var model = builder.Build();
        return Cutting.Groups(model, builder.Feed()).Groups.Single(group => group.Producers.Any(producer => producer.Layer == layer)).Closed ?? "open";
    }

    /// <summary>x [N, 3, 4, 4] through a 1×1 convolution that makes the channels.</summary>
    public static ModelBuilder Channels(int count, int opset = 21) => new ModelBuilder(opset: opset).Input("x", -1, 3, 4, 4).Conv(count, 1);

    /// <summary>A 1×1 convolution over the last value's channels, of which there are <paramref name="channels"/>, to the output.</summary>
    public static ModelBuilder Read(this ModelBuilder builder, int channels)
    {
        builder.Op("Conv", [builder.Last, builder.Constant(builder.Random(0.5, 2, channels, 1, 1))]);
        return builder;
    }

    /// <summary>Adds an operator on the last value, its further inputs integer lists.</summary>
    public static ModelBuilder Then(this ModelBuilder builder, string op, Action<Node>? set = null, params long[][] lists)
    {
        builder.Op(op, [builder.Last, .. lists.Select(list => builder.Constant(Tensor.List(list)))], set);
        return builder;
    }

    private static string Path(ChannelGroup group) => string.Join(' ', Enumerable.Range(0, group.Channels).Select(channel =>
        $"{string.Join(',', group.Producers[0].Weight.Indices[channel])}>{string.Join(';', group.Consumers.Select(consumer => string.Join(',', consumer.Activation.Indices[channel])))}"));
}
