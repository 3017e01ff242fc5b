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
        const int Window = 192; // memory for 200 samples, so for six shards
        var samples = Samples(new TrainingSet(Data(1000), 32, 200 * 12), 5, 0); // a float and a label

        Assert.AreEqual(992, samples.Distinct().Count());
        for (var w = 0; w < 5; w++) Assert.IsTrue(samples.Skip(w * Window).Take(Window).All(sample => sample / Window == w));
        CollectionAssert.AreNotEqual(samples.Order().ToArray(), samples);
    }

    [TestMethod]
    public void A_model_of_a_fixed_batch_gets_every_sample_once_from_windows_too()
    {
        var data = new MemoryDataset(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([.. Enumerable.Range(0, 320).Select(i => (float)i)], 320, 1) }) { LargestBatch = 32, IsFixed = true };

        var samples = new TrainingSet(data, 16, windowBytes: 80 * 4).Epoch(1, 0).SelectMany(shard => shard.Inputs["x"].Floats()).ToArray();

        Assert.HasCount(320, samples);
        Assert.AreEqual(320, samples.Distinct().Count());
    }

    /// <summary>Files that are sorted by length: the first sample says nothing about the others.</summary>
    [TestMethod]
    public void Memory_holds_a_window_of_samples_of_any_size()
    {
        Batch Of(int length) => new(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(new float[length], 1, length) }, new Dictionary<string, Tensor>(), 1);
        var data = new Watched(new CalibrationSet([.. Enumerable.Range(1, 100).Select(Of)]));

        var seen = new TrainingSet(data, 1, windowBytes: 20 * 50 * 4).Epoch(1, 0).Count(); // twenty of the mean length

        Assert.AreEqual(100, seen);
        Assert.IsTrue(data.Most is > 10 and < 30, $"{data.Most} samples at once");
    }

    private sealed class Watched(IDataset data) : IDataset
    {
        public int Most { get; private set; }

        public int Count => data.Count;

        public int LargestBatch => data.LargestBatch;

        public IReadOnlyList<string> Files => data.Files;

        public IEnumerable<Batch> Read(int start, int count, int batchSize)
        {
            Most = Math.Max(Most, count);
            return data.Read(start, count, batchSize);
        }
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

    [TestMethod]
    public void A_constant_as_long_as_a_batch_is_no_row_a_sample()
    {
        var (x, table) = (Tensor.Of(new float[64], 64, 1), Tensor.Of([.. Enumerable.Range(0, 64).Select(i => (float)i)], 64, 1));
        var batch = new Batch(new Dictionary<string, Tensor> { ["x"] = x, ["table"] = table }, new Dictionary<string, Tensor>(), 64) { Constants = new HashSet<string> { "table" } };

        foreach (var shard in new TrainingSet(new CalibrationSet([batch]), 32).Epoch(1, 0))
        {
            CollectionAssert.AreEqual(new long[] { 32, 1 }, shard.Inputs["x"].Dims);
            CollectionAssert.AreEqual(table.Floats(), shard.Inputs["table"].Floats());
        }
        CollectionAssert.AreEqual(table.Floats(), CalibrationSet.Part(batch, 0, 1).Inputs["table"].Floats());
    }

    [TestMethod]
    public void What_is_worked_out_once_follows_the_samples_wherever_they_go()
    {
        var (set, runs) = (new TrainingSet(Data(1000), 32), 0);

        Assert.IsTrue(set.Extend(batch =>
        {
            Assert.IsLessThanOrEqualTo(32, batch.Samples);
            Interlocked.Add(ref runs, batch.Samples);
            return new Dictionary<string, Tensor> { ["half"] = Tensor.Of(Array.ConvertAll(batch.Inputs["x"].Floats(), x => x / 2), batch.Samples, 1) };
        }, 2, default));

        foreach (var shard in set.Epoch(5, 0).Concat(set.Epoch(5, 1)))
            CollectionAssert.AreEqual(Array.ConvertAll(shard.Inputs["x"].Floats(), x => x / 2), shard.Extras["half"].Floats());
        Assert.AreEqual(1000, runs);
    }

    [TestMethod]
    public void What_memory_does_not_hold_or_has_no_row_a_sample_is_not_kept()
    {
        static IReadOnlyDictionary<string, Tensor> Wide(Batch batch) => new Dictionary<string, Tensor> { ["wide"] = Tensor.Of(new float[batch.Samples * 100], batch.Samples, 100) };
        static IReadOnlyDictionary<string, Tensor> Mean(Batch batch) => new Dictionary<string, Tensor> { ["mean"] = Tensor.Of(new float[1], 1, 1) };

        Assert.IsFalse(new TrainingSet(Data(1000), 32, 1000 * 12).Extend(Wide, 1, default)); // the samples alone fit
        Assert.IsFalse(new TrainingSet(Data(1000), 32, 200 * 12).Extend(Mean, 1, default));
        Assert.IsFalse(new TrainingSet(Data(1000), 32).Extend(Mean, 1, default));
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
