using Compress.Core.Tests.Emit;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Data;

/// <summary>Where the samples of an array are, by its shape and the input's.</summary>
[TestClass]
public sealed class SampleAxisTests
{
    [TestMethod]
    // A dynamic first dimension takes any number of samples.
    [DataRow(new[] { -1, 3 }, new[] { 10, 3 }, 10, int.MaxValue, new[] { 4, 3 })]
    // Fixed at 1: one by one. Fixed above: exactly so many.
    [DataRow(new[] { 1, 3 }, new[] { 10, 3 }, 10, 1, new[] { 1, 3 })]
    [DataRow(new[] { 5, 3 }, new[] { 10, 3 }, 10, 5, new[] { 5, 3 })]
    [DataRow(new[] { 4, 3 }, new[] { 10, 3 }, 8, 4, new[] { 4, 3 })]
    // One axis more: each row is a feed of its own.
    [DataRow(new[] { 1, 3 }, new[] { 10, 1, 3 }, 10, 1, new[] { 1, 3 })]
    [DataRow(new[] { 2, -1, 3 }, new[] { 10, 2, 7, 3 }, 10, 1, new[] { 2, 7, 3 })]
    [DataRow(new[] { -1, -1 }, new[] { 10, 1, 6 }, 10, 1, new[] { 1, 6 })]
    [DataRow(new int[0], new[] { 10 }, 10, 1, new int[0])]
    // A lone array of exactly the declared shape is one batch.
    [DataRow(new[] { 2, 3 }, new[] { 2, 3 }, 2, 2, new[] { 2, 3 })]
    [DataRow(new int[0], new int[0], 1, int.MaxValue, new int[0])]
    // Gray pictures without their channel axis, single features without theirs.
    [DataRow(new[] { -1, 1, 5, 6 }, new[] { 10, 5, 6 }, 10, int.MaxValue, new[] { 4, 1, 5, 6 })]
    [DataRow(new[] { -1, 5, 6, 1 }, new[] { 10, 5, 6 }, 10, int.MaxValue, new[] { 4, 5, 6, 1 })]
    [DataRow(new[] { -1, 1 }, new[] { 10 }, 10, int.MaxValue, new[] { 4, 1 })]
    public void A_lone_input(int[] input, int[] array, int count, int largestBatch, int[] fed)
    {
        using var folder = new TemporaryFolder();
        var data = folder.Npz([("x", Datasets.Counting(Long(array)))], [Datasets.Float("x", Long(input))]);

        var batches = data.All(4);

        Assert.AreEqual((count, largestBatch), (data.Count, data.LargestBatch));
        CollectionAssert.AreEqual(Long(fed), batches[0].Inputs["x"].Dims);
        CollectionAssert.AreEqual(Datasets.Counting(Long(array)).Floats()[..batches.Sum(b => (int)b.Inputs["x"].Count)], batches.SelectMany(b => b.Inputs["x"].Floats()).ToArray());
    }

    [TestMethod]
    public void A_recurrent_model_is_fed_row_by_row_with_its_constant_beside()
    {
        using var folder = new TemporaryFolder();
        (string, Tensor)[] arrays = [("input", Datasets.Counting(6, 1, 5)), ("state", Datasets.Counting(6, 2, 1, 3)), ("sr", Tensor.Of(new[] { 16000L }))];
        var data = folder.Npz(arrays, [Datasets.Float("input", -1, -1), Datasets.Float("state", 2, -1, 3), Datasets.Int64("sr")]);

        var batches = data.All(32);

        Assert.AreEqual((6, 1), (data.Count, data.LargestBatch));
        Assert.HasCount(6, batches);
        foreach (var batch in batches) Assert.AreEqual(("[1,5]", "[2,1,3]", "[]", 16000L), (Dims(batch, "input"), Dims(batch, "state"), Dims(batch, "sr"), batch.Inputs["sr"].Integers()[0]));
    }

    [TestMethod]
    [DataRow(new int[0], new[] { 1 })]
    [DataRow(new[] { 1 }, new int[0])]
    [DataRow(new[] { 2, 1, 3 }, new[] { 2, 1, 3 })]
    [DataRow(new[] { 1, 3 }, new[] { 1, 3 })]
    public void An_array_of_exactly_the_inputs_shape_is_a_constant_beside_samples(int[] input, int[] array)
    {
        using var folder = new TemporaryFolder();
        var constant = Datasets.Counting(Long(array));
        var data = folder.Npz([("x", Datasets.Counting(10, 4)), ("c", constant)], [Datasets.Float("x", -1, 4), Datasets.Float("c", Long(input))]);

        var batches = data.All(4);

        Assert.AreEqual(10, data.Count);
        foreach (var batch in batches)
        {
            CollectionAssert.AreEqual(new[] { "c" }, batch.Constants.ToArray());
            CollectionAssert.AreEqual(Long(input), batch.Inputs["c"].Dims);
            CollectionAssert.AreEqual(constant.Floats(), batch.Inputs["c"].Floats());
        }
    }

    [TestMethod]
    public void Two_inputs_of_one_batch_size_go_together()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Npz([("a", Datasets.Counting(6, 2)), ("b", Datasets.Counting(6, 3))], [Datasets.Float("a", 2, 2), Datasets.Float("b", 2, 3)]);

        Assert.AreEqual((6, 2), (data.Count, data.LargestBatch));
        Assert.AreEqual("[2,2] [2,3]", string.Join(' ', data.All(100)[0].Inputs.Values.Select(t => $"[{string.Join(',', t.Dims)}]")));
    }

    [TestMethod]
    public void A_fixed_batch_is_filled_even_when_fewer_samples_are_asked_for()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Npz([("x", Datasets.Counting(10, 1))], [Datasets.Float("x", 4, 1)]);

        Assert.AreEqual("4", Sizes(data, 0, 1, 1));
        Assert.AreEqual("4 4", Sizes(data, 0, 5, 64));
        Assert.AreEqual("4", Sizes(data, 4, 8, 64));
        Assert.AreEqual("", Sizes(data, 5, 1, 64));
        Assert.AreEqual("4 4", Sizes(data, 0, int.MaxValue, int.MaxValue));
    }

    [TestMethod]
    public void Labels_count_like_the_samples_whatever_the_batch()
    {
        using var folder = new TemporaryFolder();
        var labels = Tensor.Of([.. Enumerable.Range(0, 10).Select(i => (long)i)], 10);
        foreach (var input in (ModelInput[])[Datasets.Float("x", -1, 3), Datasets.Float("x", 1, 3), Datasets.Float("x", 5, 3)])
        {
            var batches = folder.Npz([("x", Datasets.Counting(10, 3)), ("labels", labels)], [input], null, "labels").All(4);
            CollectionAssert.AreEqual(labels.Integers(), batches.SelectMany(b => b.Extras["labels"].Integers()).ToArray());
            Assert.IsTrue(batches.All(b => b.Extras["labels"].Dims[0] == b.Samples));
        }
    }

    [TestMethod]
    public void An_input_without_a_declared_shape_takes_samples_on_axis_0()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Npz([("x", Datasets.Counting(10, 3, 2))], [new ModelInput("x", DataType.Float, []) { HasShape = false }]);

        Assert.AreEqual("[4,3,2]", Dims(data.All(4)[0], "x"));
    }

    [TestMethod]
    public void Arrays_that_count_differently_are_refused()
    {
        using var folder = new TemporaryFolder();
        var inputs = (ModelInput[])[Datasets.Float("a", -1, 2), Datasets.Float("b", 1, 3)];

        var error = Assert.ThrowsExactly<CompressionException>(() => folder.Npz([("a", Datasets.Counting(6, 2)), ("b", Datasets.Counting(7, 3))], inputs)).Diagnostic;

        Assert.AreEqual("CMP3011", error.Code);
        StringAssert.Contains(error.Message, "'a' float [6,2], 'b' float [7,3]");
    }

    private static long[] Long(int[] dims) => Array.ConvertAll(dims, dim => (long)dim);

    private static string Dims(Batch batch, string input) => $"[{string.Join(',', batch.Inputs[input].Dims)}]";

    private static string Sizes(IDataset data, int start, int count, int batchSize) => string.Join(' ', data.Read(start, count, batchSize).Select(b => b.Samples));
}
