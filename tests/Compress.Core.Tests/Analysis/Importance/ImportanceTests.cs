using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Graph;
using MathNet.Numerics.LinearAlgebra;

namespace Compress.Core.Tests.Analysis.Importance;

/// <summary>Criteria against numbers worked out by hand or in another way: two producers and one consumer of three channels.</summary>
[TestClass]
public sealed class ImportanceTests
{
    private static readonly int[][] EachOne = [[0], [1], [2]];

    private static readonly ChannelGroup Group = new()
    {
        Id = "a",
        Channels = 3,
        Producers = [Layer("a", "wa", 0, "ya"), Layer("b", "wb", 0, "yb")],
        Consumers = [Layer("c", "wc", 1, "x")],
        Constants = [],
        Activations = [],
    };

    private static readonly Dictionary<string, Tensor> Constants = new()
    {
        ["wa"] = Tensor.Of([1f, -1f, 2f, 2f, 0f, 3f], 3, 2),
        ["wb"] = Tensor.Of([4f, 0f, -8f], 3, 1),
        ["wc"] = Tensor.Of([1f, 2f, 0f, 1f, 0f, 0f], 2, 3),
    };

    private static readonly ChannelEvidence Evidence = new()
    {
        Constant = name => Constants[name],
        Activation = (value, _) => value == "x" ? new([1, 2, 3], [0.5, 0.25, 0.75], [1, 5, 100], [0, 0, 0]) : new([0, 0, 0], [0, 0, 0], [0, 0, 0], value == "ya" ? [7, 1, 4] : [2, 2, 2]),
        Readers = _ => null,
        Masked = (_, channel) => new OutputChange([1, 1, 2, 0], [1 + channel, 1, 2, 0], 2, AreScores: false),
    };

    private static GroupLayer Layer(string name, string weight, int axis, string activation) => new(name, "Conv", new(weight, axis, EachOne), new(activation, 1, EachOne));

    [TestMethod]
    public void Magnitudes_are_normalized_by_layer_then_averaged()
    {
        // L1 of a: 2, 4, 3 (mean 3); of b: 4, 0, 8 (mean 4).
        AreEqual([(2 / 3.0 + 1) / 2, (4 / 3.0 + 0) / 2, (1 + 2) / 2.0], new WeightMagnitudeL1().Score(Group, Evidence));
        var l2 = new[] { Math.Sqrt(2), Math.Sqrt(8), 3 };
        AreEqual([.. l2.Select((norm, c) => (norm / l2.Average() + new[] { 1.0, 0, 2 }[c]) / 2)], new WeightMagnitudeL2().Score(Group, Evidence));
    }

    [TestMethod]
    public void Activations_count_where_they_are_read_and_ranks_where_they_are_made()
    {
        AreEqual([0.5, 1, 1.5], new MeanAbsoluteActivation().Score(Group, Evidence));
        AreEqual([1, 0.5, 1.5], new ActivationFrequency().Score(Group, Evidence));
        AreEqual([(7 / 4.0 + 1) / 2, (1 / 4.0 + 1) / 2, 1], new FeatureMapRank().Score(Group, Evidence));
    }

    [TestMethod]
    public void Energy_is_squared_activation_times_squared_weights_that_read_it()
    {
        // Σw² by column of wc: 1 + 1, 4, 0.
        AreEqual([2 / (22 / 3.0), 20 / (22 / 3.0), 0], new ConsumerEnergy().Score(Group, Evidence));
    }

    [TestMethod]
    public void A_channel_of_several_positions_sums_them()
    {
        var heads = Group with { Channels = 1, Consumers = [new("c", "MatMul", new("wc", 1, [[0, 2]]), new("x", 1, [[0, 2]]))] };

        AreEqual([1], new MeanAbsoluteActivation().Score(heads, Evidence));
        CollectionAssert.AreEqual(new[] { 4.0 }, LayerScores.PerChannel(heads.Consumers[0].Activation, i => Evidence.Activation("x", 1).MeanAbsolute[i]));
    }

    [TestMethod]
    public void Masked_outputs_rank_channels_by_how_much_changes()
    {
        // Channel c moves one of four outputs, whose magnitudes sum to 4, by c.
        Assert.AreEqual(0.5, Taylor.Error(Evidence.Masked(Group, 2)), 1e-12);
        Assert.AreEqual((4 / 2.0 + 0) / 2, Fisher.Error(Evidence.Masked(Group, 2)), 1e-12);
        AreEqual([0, 1, 2], new Taylor().Score(Group, Evidence));
        AreEqual([0, 0.6, 2.4], new Fisher().Score(Group, Evidence));
    }

    [TestMethod]
    public void Fisher_of_class_scores_is_their_divergence_to_second_order()
    {
        var random = new Random(5);
        float[] before = [.. Enumerable.Range(0, 10).Select(_ => (float)(4 * random.NextDouble()))];
        float[] after = [.. before.Select(z => z + (float)(0.02 * (random.NextDouble() - 0.5)))];

        var (p, q) = (Softmax(before), Softmax(after));
        var divergence = p.Zip(q, (x, y) => x * Math.Log(x / y)).Sum();

        Assert.AreEqual(1, Fisher.Error(new OutputChange(before, after, 10, AreScores: true)) / divergence, 0.02);
        Assert.AreEqual(0, Fisher.Error(new OutputChange(before, [.. before.Select(z => z + 1)], 10, AreScores: true)), 1e-9); // a shift of all changes no class
    }

    [TestMethod]
    public void Structured_obs_is_the_error_after_the_other_weights_were_refitted()
    {
        var random = new Random(7);
        const int Columns = 6, Rows = 3;
        var samples = Matrix<double>.Build.Dense(200, Columns, (_, _) => random.NextDouble() - 0.5);
        for (var i = 0; i < 200; i++) samples[i, 5] = samples[i, 0] + (0.1 * samples[i, 5]); // a channel that another one nearly repeats
        var means = samples.ColumnSums() / 200;
        var covariance = ((samples.Transpose() * samples) / 200) - means.OuterProduct(means);
        var damped = covariance + (Matrix<double>.Build.DenseIdentity(Columns) * (1e-2 * covariance.Trace() / Columns));
        var weights = Matrix<double>.Build.Dense(Rows, Columns, (_, _) => random.NextDouble() - 0.5);
        var moments = new Moments(Columns, Rows, covariance.ToRowMajorArray(), new double[Columns * Rows], [1, 1, 1], new double[Columns], new double[Rows], 200);
        var reader = new ChannelReader(moments, weights.ToRowMajorArray(), [[0, 1], [2, 3], [4, 5]], Importance: 2);

        var losses = ChannelElimination.Losses(3, [reader]);

        double[] expected = [.. reader.Columns.Select(gone => 2 * LeastError(damped, weights, gone))];
        for (var c = 0; c < 3; c++) Assert.AreEqual(expected[c], losses[c], 1e-9);
        AreEqual([.. expected.Select(loss => loss / expected.Average())], new StructuredObs().Score(Group, Evidence with { Readers = _ => [reader] }));
        AreEqual([0, 0, 0], new StructuredObs().Score(Group, Evidence));
    }

    /// <summary>Min over v with v_S = 0 of (w − v) H (w − v)ᵀ, row by row, by solving the normal equations of the rest.</summary>
    private static double LeastError(Matrix<double> h, Matrix<double> weights, int[] gone)
    {
        int[] rest = [.. Enumerable.Range(0, h.RowCount).Except(gone)];
        var (hrr, hrs) = (Pick(h, rest, rest), Pick(h, rest, gone));
        return weights.EnumerateRows().Sum(w =>
        {
            var lost = Vector<double>.Build.DenseOfEnumerable(gone.Select(i => w[i]));
            var move = hrr.Solve(hrs * lost);
            return (lost * Pick(h, gone, gone) * lost) - (lost * hrs.Transpose() * move);
        });
    }

    private static Matrix<double> Pick(Matrix<double> m, int[] rows, int[] columns) => Matrix<double>.Build.Dense(rows.Length, columns.Length, (i, j) => m[rows[i], columns[j]]);

    private static double[] Softmax(float[] z)
    {
        var e = z.Select(x => Math.Exp(x)).ToArray();
        return [.. e.Select(x => x / e.Sum())];
    }

    private static void AreEqual(double[] expected, double[] actual)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-8, $"channel {i}");
    }
}
