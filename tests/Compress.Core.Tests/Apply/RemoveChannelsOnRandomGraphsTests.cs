using Compress.Apply;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>The promise of pruning, over hundreds of random graphs: what is cut out computes what masking computes, and loads.</summary>
[TestClass]
public sealed class RemoveChannelsOnRandomGraphsTests
{
    private const int Graphs = 400;

    /// <summary>Operators that must have been cut through, at least this often, for the test to mean anything.</summary>
    private const int Often = 3;

    private static readonly string[] Known =
    [
        "Conv", "Conv/grouped", "Conv/depthwise", "ConvTranspose", "Gemm", "MatMul", "Einsum", "BatchNormalization", "InstanceNormalization", "GroupNormalization", "PRelu",
        "Add", "Mul", "Sub", "Div", "Sum", "Concat", "Split", "Slice", "Pad", "Gather", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze",
        "ReduceMean", "ReduceSum", "ReduceMax", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Resize", "DepthToSpace", "SpaceToDepth", "Tile", "Expand", "Dropout",
        "LSTM", "GRU", "RNN", "Shape", "Softmax",
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Pruned_graphs_equal_masked_graphs_for_every_operator()
    {
        var cutThrough = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var seed = 1; seed <= Graphs; seed++)
        {
            var (model, feed) = RandomGraphs.Make(seed);
            var groups = Cutting.Groups(model, feed);
            var cuts = Cutting.Random(groups, seed);
            Cutting.AssertPrunedEqualsMasked(model, feed, groups, cuts, $"seed {seed}");

            var lost = KeptPositions.Of(groups, cuts).Keys.Select(axis => axis.Value).ToHashSet();
            foreach (var op in model.Graph.Nodes.Where(node => node.Inputs.Concat(node.Outputs).Any(lost.Contains)).Select(node => Kind(node, model.Graph)).Distinct())
                cutThrough[op] = cutThrough.GetValueOrDefault(op) + 1;
        }
        TestContext.WriteLine(string.Join(", ", cutThrough.OrderBy(op => op.Key, StringComparer.Ordinal).Select(op => $"{op.Key} {op.Value}")));
        CollectionAssert.AreEqual(Array.Empty<string>(), Known.Where(op => cutThrough.GetValueOrDefault(op) < Often).ToArray(), "operators that were not cut through often enough");
    }

    [TestMethod]
    public void Cutting_nothing_gives_the_same_bytes()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var (model, feed) = RandomGraphs.Make(seed);
            var groups = Cutting.Groups(model, feed);
            var everything = groups.Groups.Select(group => Cutting.Keep(group.Id, [.. Enumerable.Range(0, group.Channels)])).ToList();

            CollectionAssert.AreEqual(OnnxWriter.ToBytes(model), OnnxWriter.ToBytes(RemoveChannels.Apply(model, groups, [])), $"seed {seed}");
            CollectionAssert.AreEqual(OnnxWriter.ToBytes(model), OnnxWriter.ToBytes(RemoveChannels.Apply(model, groups, everything)), $"seed {seed}");
        }
    }

    [TestMethod]
    public void The_same_cuts_give_the_same_bytes()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var bytes = Enumerable.Range(0, 2).Select(_ =>
            {
                var (model, feed) = RandomGraphs.Make(seed);
                var groups = Cutting.Groups(model, feed);
                return OnnxWriter.ToBytes(RemoveChannels.Apply(model, groups, Cutting.Random(groups, seed)));
            }).ToArray();

            CollectionAssert.AreEqual(bytes[0], bytes[1], $"seed {seed}");
        }
    }

    private static string Kind(Node node, OnnxGraph graph) => node.Int("group", 1) switch
    {
        1 => node.Op,
        var groups when node.Is("Conv") && graph.Constants[node.Inputs[1]].Dims[1] == 1 && groups > 1 => "Conv/depthwise",
        _ => node.Is("Conv") ? "Conv/grouped" : node.Op,
    };
}
