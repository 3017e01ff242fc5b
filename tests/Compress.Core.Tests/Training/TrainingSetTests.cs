using Compress.Core.Tests.Evaluate;
using Compress.Data;
using Compress.Graph;
using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>Samples 0, 1, 2 … whose label is their number: what an epoch gives can be counted.</summary>
[TestClass]
public sealed class TrainingSetTests
{
    [TestMethod]
    public void An_epoch_gives_every_sample_once_with_its_label_in_another_order_each_time()
    {
        var set = new TrainingSet(Data(1000), 32);

        var (first, second) = (Samples(set, 5, 0), Samples(set, 5, 1));

        Assert.AreEqual(992, first.Length); // the last 8 fill no shard
        Assert.AreEqual(992, first.Distinct().Count());
        CollectionAssert.AreNotEqual(first, second);
        CollectionAssert.AreEqual(first, Samples(new TrainingSet(Data(1000), 32), 5, 0));
    }

    [TestMethod]
    public void Of_a_set_that_does_not_fit_into_memory_windows_are_shuffled()
    {
        const int Window = 200; // samples
        var samples = Samples(new TrainingSet(Data(1000), 32, Window * 12), 5, 0); // a float and a label

        Assert.AreEqual(5 * 192, samples.Distinct().Count());
        for (var w = 0; w < 5; w++) Assert.IsTrue(samples.Skip(w * 192).Take(192).All(sample => sample / Window == w));
        CollectionAssert.AreNotEqual(samples.Order().ToArray(), samples);
    }

    [TestMethod]
    public void A_model_that_takes_one_sample_gets_one()
    {
        var set = new TrainingSet(new MemoryDataset(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(new float[10], 10, 1) }) { LargestBatch = 1 }, 32);

        Assert.AreEqual(1, set.Shard);
        Assert.AreEqual(10, set.Epoch(1, 0).Count());
    }

    [TestMethod]
    public void A_model_of_a_fixed_batch_gets_that_many()
    {
        var set = new TrainingSet(new MemoryDataset(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(new float[192], 192, 1) }) { LargestBatch = 64, IsFixed = true }, 32);

        CollectionAssert.AreEqual(new[] { 64, 64, 64 }, set.Epoch(1, 0).Select(shard => shard.Samples).ToArray());
    }

    [TestMethod]
    public void Samples_of_several_sizes_stay_in_their_batches_and_come_once_in_another_order_each_time()
    {
        Batch Of(int samples, int length) => new(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(new float[samples * length], samples, length) }, new Dictionary<string, Tensor>(), samples);
        var set = new TrainingSet(new CalibrationSet([Of(4, 2), Of(4, 3), Of(40, 5), Of(1, 3)]), 32);
        string Shape(int epoch) => string.Join(' ', set.Epoch(3, epoch).Select(batch => string.Join('x', batch.Inputs["x"].Dims)));

        CollectionAssert.AreEquivalent(new[] { "4x2", "4x3", "32x5", "8x5", "1x3" }, Shape(0).Split(' '));
        Assert.AreEqual(5, set.Shards);
        Assert.HasCount(3, set.Sizes);
        Assert.IsTrue(Enumerable.Range(1, 5).Any(epoch => Shape(epoch) != Shape(0)));
    }

    private static MemoryDataset Data(int count) => new(
        new Dictionary<string, Tensor> { ["x"] = Tensor.Of([.. Enumerable.Range(0, count).Select(i => (float)i)], count, 1) },
        new Dictionary<string, Tensor> { ["labels"] = Tensor.Of([.. Enumerable.Range(0, count).Select(i => (long)i)], count) });

    private static int[] Samples(TrainingSet set, int seed, int epoch) => [.. set.Epoch(seed, epoch).SelectMany(batch =>
    {
        var samples = Array.ConvertAll(batch.Inputs["x"].Floats(), x => (int)x);
        CollectionAssert.AreEqual(samples, Array.ConvertAll(batch.Extras["labels"].Integers(), label => (int)label));
        return samples;
    })];
}
