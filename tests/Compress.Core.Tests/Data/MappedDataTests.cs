using Compress.Core.Tests.Emit;
using Compress.Data;
using Compress.Graph;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests.Data;

/// <summary>Inputs mapped to arrays of several files, arrays chosen by name, and sets in several files.</summary>
[TestClass]
public sealed class MappedDataTests
{
    [TestMethod]
    public void Inputs_and_labels_come_from_the_arrays_that_they_are_mapped_to()
    {
        using var folder = new TemporaryFolder();
        NpzWriter.Write(folder["a.npz"], true, ("left", Datasets.Counting(3, 2)), ("right", Tensor.Of([9f, 8, 7], 3, 1)), ("labels", Tensor.Of(new long[] { 1, 2, 3 }, 3)));
        File.WriteAllBytes(folder["b.npy"], NpzWriter.Npy(Tensor.Of([1f, 2, 3], 3, 1)));
        var map = new Dictionary<string, At<string>> { ["y"] = At(folder["a.npz:right"]), ["x"] = At(folder["a.npz:left"]), ["z"] = At(folder["b.npy"]) };

        var data = DatasetReader.Open(new(new("compress.yaml"), null, map), Preprocess.None, [Datasets.Float("x", -1, 2), Datasets.Float("y", -1, 1), Datasets.Float("z", -1, 1)], ["labels"]);
        var batch = data.All().Single();

        CollectionAssert.AreEqual(new float[] { 9, 8, 7 }, batch.Inputs["y"].Floats());
        CollectionAssert.AreEqual(new float[] { 1, 2, 3 }, batch.Inputs["z"].Floats());
        CollectionAssert.AreEqual(new long[] { 1, 2, 3 }, batch.Extras["labels"].Integers());
        CollectionAssert.AreEqual(new[] { folder["a.npz"], folder["b.npy"] }, data.Files.ToArray());
    }

    [TestMethod]
    public void One_array_of_a_file_feeds_a_sole_input_under_any_name_beside_the_labels()
    {
        using var folder = new TemporaryFolder();
        NpzWriter.Write(folder["a.npz"], true, ("small", Datasets.Counting(3, 2)), ("large", Datasets.Counting(3, 4)), ("labels", Tensor.Of(new long[] { 1, 2, 3 }, 3)));

        var batch = Datasets.Open(folder["a.npz:large"], [Datasets.Float("input", -1, 4)], null, "labels").All().Single();

        CollectionAssert.AreEqual(new long[] { 3, 4 }, batch.Inputs["input"].Dims);
        CollectionAssert.AreEqual(new long[] { 1, 2, 3 }, batch.Extras["labels"].Integers());
    }

    [TestMethod]
    public void The_files_of_a_folder_are_read_one_after_the_other()
    {
        using var folder = new TemporaryFolder();
        for (var part = 0; part < 4; part++)
            NpzWriter.Write(folder[$"train-{part}.npz"], true, ("x", Tensor.Of([.. Enumerable.Range(5 * part, 5).Select(i => (float)i)], 5, 1)), ("scale", Tensor.Scalar(7)));
        var inputs = (ModelInput[])[Datasets.Float("x", -1, 1), Datasets.Float("scale")];

        var data = Datasets.Open(folder.Path, inputs);

        Assert.AreEqual(20, data.Count);
        foreach (var (start, count, size) in ((int, int, int)[])[(0, 20, 20), (3, 9, 4), (19, 1, 1), (5, 5, 5)])
            CollectionAssert.AreEqual(Enumerable.Range(start, count).Select(i => (float)i).ToArray(), data.Read(start, count, size).SelectMany(batch => batch.Inputs["x"].Floats()).ToArray());
        Assert.AreEqual(7f, data.Read(0, 1, 1).Single().Inputs["scale"].Floats()[0]);
    }

    private static At<string> At(string path) => new(path, new("compress.yaml", 7, 5));
}
