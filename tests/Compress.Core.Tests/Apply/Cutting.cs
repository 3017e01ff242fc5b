using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Runtime;

namespace Compress.Core.Tests.Apply;

/// <summary>Cuts channels of a model and compares what remains with the masked model, on ONNX Runtime.</summary>
internal static class Cutting
{
    public static ChannelGroupSet Groups(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed) => ChannelGroups.Find(model, ObservedShapes.Observe(model, feed));

    /// <summary>Keeps the channels whose numbers are given of one group.</summary>
    public static ChannelCut Keep(string group, params int[] kept) => new(group, kept);

    /// <summary>Random cuts of most open groups, at least one channel kept of each.</summary>
    public static IReadOnlyList<ChannelCut> Random(ChannelGroupSet groups, int seed)
    {
        var random = new Random(seed);
        var cuts = new List<ChannelCut>();
        foreach (var group in groups.Open.Where(_ => random.Next(5) > 0))
        {
            int[] order = [.. Enumerable.Range(0, group.Channels)];
            random.Shuffle(order);
            cuts.Add(new(group.Id, [.. order.Take(random.Next(1, group.Channels + 1)).Order()]));
        }
        return cuts;
    }

    /// <summary>Runs the pruned and the masked model; fails unless they agree to float rounding. Returns the pruned model.</summary>
    public static OnnxModel AssertPrunedEqualsMasked(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed, ChannelGroupSet groups, IReadOnlyList<ChannelCut> cuts, string what = "")
    {
        var pruned = RemoveChannels.Apply(model, groups, cuts);
        var expected = Run(MaskChannels.Apply(model, groups, cuts), feed);
        var actual = Run(pruned, feed);
        foreach (var (name, tensor) in expected)
        {
            CollectionAssert.AreEqual(tensor.Dims, actual[name].Dims, $"{what}: shape of {name}");
            var (x, y) = (tensor.Floats(), actual[name].Floats());
            var tolerance = 2e-4 * (1e-2 + x.Max(Math.Abs));
            for (var i = 0; i < x.Length; i++)
                Assert.IsTrue(Math.Abs(x[i] - y[i]) <= tolerance, $"{what}: {name}[{i}] is {y[i]} pruned, {x[i]} masked");
        }
        return pruned;
    }

    public static IReadOnlyDictionary<string, Tensor> Run(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed)
    {
        using var session = new Session(model, new SessionSettings());
        return session.Run(feed);
    }
}
