using Compress.Analysis;
using MathNet.Numerics.LinearAlgebra;

namespace Compress.Core.Tests.Analysis;

/// <summary>Losses against least squares solved afresh: remove the columns, fit the others, compare.</summary>
[TestClass]
public sealed class ChannelEliminationTests
{
    private const int Channels = 5;

    [TestMethod]
    public void The_loss_of_one_channel_is_that_of_the_refitted_reader()
    {
        for (var seed = 1; seed <= 8; seed++)
        {
            var readers = Readers(seed);
            var losses = ChannelElimination.Losses(Channels, readers);
            for (var channel = 0; channel < Channels; channel++)
                Assert.AreEqual(readers.Sum(reader => Refitted(reader, [channel])), losses[channel], 1e-6 * (1 + losses[channel]), $"seed {seed}, channel {channel}");
        }
    }

    [TestMethod]
    public void Every_step_takes_the_channel_of_least_further_loss_and_the_costs_are_exact()
    {
        for (var seed = 1; seed <= 8; seed++)
        {
            var readers = Readers(seed);
            var elimination = ChannelElimination.Of(Channels, readers);

            Assert.HasCount(Channels - 1, elimination.Order);
            for (var step = 0; step < elimination.Order.Length; step++)
            {
                var gone = elimination.Order[..step];
                var least = Enumerable.Range(0, Channels).Except(gone).MinBy(channel => readers.Sum(reader => Refitted(reader, [.. gone, channel])));
                Assert.AreEqual(least, elimination.Order[step], $"seed {seed}, step {step}");
                var exact = readers.Sum(reader => Refitted(reader, elimination.Order[..(step + 1)]));
                Assert.AreEqual(exact, elimination.CostOf(step + 1), 1e-6 * (1 + exact), $"seed {seed}, step {step}");
            }
        }
    }

    [TestMethod]
    public void What_stays_is_what_has_not_left()
    {
        var elimination = new Elimination([3, 0, 4, 1], [1, 2, 3, 4]);

        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3, 4 }, elimination.Kept(0, 5));
        CollectionAssert.AreEqual(new[] { 1, 2, 4 }, elimination.Kept(2, 5));
        Assert.AreEqual(0, elimination.CostOf(0));
        Assert.AreEqual(3, elimination.CostOf(3));
    }

    [TestMethod]
    public void A_channel_that_copies_another_goes_first_and_costs_little()
    {
        var readers = Readers(1);
        var d = readers[0].Moments.Columns;
        // Columns of channel 4 are those of channel 2.
        var select = Matrix<double>.Build.DenseIdentity(d);
        foreach (var (from, to) in readers[0].Columns[2].Zip(readers[0].Columns[4])) select.SetRow(to, select.Row(from));
        var covariance = Matrix<double>.Build.DenseOfRowMajor(d, d, readers[0].Moments.Covariance);
        var copied = readers[0] with { Moments = readers[0].Moments with { Covariance = (select * covariance * select.Transpose()).ToRowMajorArray() } };

        var elimination = ChannelElimination.Of(Channels, [copied]);

        Assert.Contains(elimination.Order[0], new[] { 2, 4 });
        Assert.IsLessThan(0.5 * (elimination.Cost[1] - elimination.Cost[0]), elimination.Cost[0]);
    }

    [TestMethod]
    public void Inputs_that_hardly_vary_beside_their_mean_are_no_reason_to_fail()
    {
        // Sums in single precision leave such covariances indefinite.
        var moments = new Moments(2, 1, [1e-9, 3e-9, 3e-9, 1e-9], [0, 0], [0], [1000, 1000], [0], 10);

        var elimination = ChannelElimination.Of(2, [new ChannelReader(moments, [1, 2], [[0], [1]], 1)]);

        Assert.HasCount(1, elimination.Order);
    }

    /// <summary>Two readers with several columns a channel, in no order.</summary>
    private static List<ChannelReader> Readers(int seed) =>
        [.. new[] { (Each: 1, Targets: 4), (Each: 3, Targets: 2) }.Select((form, i) =>
        {
            var d = Channels * form.Each;
            var mix = Matrix<double>.Build.Random(d, d, seed: (10 * seed) + i);
            var weights = Matrix<double>.Build.Random(form.Targets, d, seed: (10 * seed) + i + 5);
            var columns = Enumerable.Range(0, d).ToArray();
            new Random(seed).Shuffle(columns);
            var moments = new Moments(d, form.Targets, (mix * mix.Transpose()).ToRowMajorArray(), new double[d * form.Targets], new double[form.Targets], new double[d], new double[form.Targets], 10_000);
            return new ChannelReader(moments, weights.ToRowMajorArray(), [.. columns.Chunk(form.Each)], 0.5 + i);
        })];

    /// <summary>Squared error, damped as documented, of the best weights without the channels: min over w' of (w − w')ᵀ H (w − w').</summary>
    private static double Refitted(ChannelReader reader, int[] gone)
    {
        var d = reader.Moments.Columns;
        var h = Matrix<double>.Build.DenseOfRowMajor(d, d, reader.Moments.Covariance) + (1e-2 * reader.Moments.MeanDiagonal * Matrix<double>.Build.DenseIdentity(d));
        var lost = gone.SelectMany(channel => reader.Columns[channel]).ToArray();
        var kept = Enumerable.Range(0, d).Except(lost).ToArray();
        double loss = 0;
        for (var row = 0; row < reader.Moments.Targets; row++)
        {
            var w = Vector<double>.Build.Dense(d, c => reader.Weights[(row * d) + c]);
            var target = h * w;
            var inner = Matrix<double>.Build.Dense(kept.Length, kept.Length, (i, j) => h[kept[i], kept[j]]);
            var best = inner.Solve(Vector<double>.Build.Dense(kept.Length, i => target[kept[i]]));
            var difference = w.Clone();
            for (var i = 0; i < kept.Length; i++) difference[kept[i]] -= best[i];
            loss += difference * h * difference;
        }
        return loss * reader.Importance;
    }
}
