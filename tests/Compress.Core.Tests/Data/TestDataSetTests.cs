using Compress.Core.Tests.Emit;
using Compress.Graph;
using Google.Protobuf;

namespace Compress.Core.Tests.Data;

[TestClass]
public sealed class TestDataSetTests
{
    [TestMethod]
    public void Each_folder_is_one_feed_in_the_order_of_the_numbers()
    {
        using var folder = new TemporaryFolder();
        for (var set = 0; set < 11; set++) Write(folder, set, Tensor.Of([set, 1f], 1, 2), Tensor.Of(new long[] { 100 + set }), Tensor.Of([10f * set], 1, 1));

        var data = Datasets.Open(folder.Path, [Datasets.Float("x", -1, 2), Datasets.Int64("n")], null, "targets");
        var batches = data.All();

        Assert.AreEqual((11, 1), (data.Count, data.LargestBatch));
        Assert.HasCount(33, data.Files);
        CollectionAssert.AreEqual(Enumerable.Range(0, 11).Select(i => (float)i).ToArray(), batches.Select(batch => batch.Inputs["x"].Floats()[0]).ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(100, 11).Select(i => (long)i).ToArray(), batches.Select(batch => batch.Inputs["n"].Integers()[0]).ToArray());
        CollectionAssert.AreEqual(new long[] { 1, 1, 1 }, batches[3].Extras["targets"].Dims);
        Assert.AreEqual(30f, batches[3].Extras["targets"].Floats()[0]);
    }

    [TestMethod]
    public void A_single_folder_may_be_named_as_well()
    {
        using var folder = new TemporaryFolder();
        for (var set = 0; set < 3; set++) Write(folder, set, Tensor.Of([set, 1f], 1, 2));

        Assert.AreEqual(1, Datasets.Open(folder["test_data_set_1"], [Datasets.Float("x", -1, 2)]).Count);
    }

    [TestMethod]
    public void Feeds_may_differ_in_size_where_the_model_permits_it()
    {
        using var folder = new TemporaryFolder();
        for (var set = 0; set < 3; set++) Write(folder, set, Datasets.Counting(1, set + 1));

        var data = Datasets.Open(folder.Path, [Datasets.Float("x", 1, -1)]);

        Assert.AreEqual("1,1 1,2 1,3", string.Join(' ', data.All().Select(batch => string.Join(',', batch.Inputs["x"].Dims))));
    }

    private static void Write(TemporaryFolder folder, int set, Tensor input, Tensor? second = null, Tensor? output = null)
    {
        var path = Directory.CreateDirectory(folder[$"test_data_set_{set}"]).FullName;
        foreach (var (name, tensor) in ((string, Tensor?)[])[("input_0", input), ("input_1", second), ("output_0", output)])
            if (tensor is not null) File.WriteAllBytes(Path.Combine(path, name + ".pb"), OnnxWriter.ToProto(name, tensor).ToByteArray());
    }
}
