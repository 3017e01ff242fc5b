using Compress.Core.Tests.Emit;
using Compress.Data;
using Compress.Graph;
using Compress.Policy;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Data;

[TestClass]
public sealed class NpzTests
{
    private static readonly long[] Numbers = [0, 1, 1, 0, 1, 0];

    public static IEnumerable<object[]> Types => ElementTypes.All.Select(type => (object[])[type.Type]);

    [TestMethod]
    public void Pictures_and_labels_come_from_the_named_arrays_scaled_as_the_policy_says()
    {
        var steps = new Preprocess { Scale = 1 / 255f, Mean = [0.2860f], Std = [0.3530f] };
        var data = Datasets.Open(Datasets.Asset("fashion-mnist-validation.npz"), [Datasets.Float("input", -1, 1, 28, 28)], steps, "labels");

        var batches = data.All(256);

        Assert.AreEqual(1000, data.Count);
        Assert.AreEqual(int.MaxValue, data.LargestBatch);
        CollectionAssert.AreEqual(new[] { 256, 256, 256, 232 }, batches.Select(batch => batch.Samples).ToArray());
        CollectionAssert.AreEqual(new long[] { 232, 1, 28, 28 }, batches[3].Inputs["input"].Dims);
        CollectionAssert.AreEqual(new long[] { 232 }, batches[3].Extras["labels"].Dims);
        var values = batches.SelectMany(batch => batch.Inputs["input"].Floats()).ToList();
        Assert.AreEqual(-0.2860f / 0.3530f, values.Min(), 1e-6f);
        Assert.AreEqual((1 - 0.2860f) / 0.3530f, values.Max(), 1e-6f);
        Assert.AreEqual(0, values.Average(), 0.05);
    }

    /// <summary>Names of classes lie beside the samples in many files.</summary>
    [TestMethod]
    public void An_array_that_nobody_asks_for_may_be_of_any_type()
    {
        using var folder = new TemporaryFolder();
        NpzWriter.Write(folder["data.npz"], false, ("x", Tensor.Of(Array.ConvertAll(Numbers, n => (float)n), 3, 2)));
        using (var zip = System.IO.Compression.ZipFile.Open(folder["data.npz"], System.IO.Compression.ZipArchiveMode.Update))
        using (var names = zip.CreateEntry("names.npy").Open())
        {
            var header = "{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }\n";
            names.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header), .. new byte[24]]);
        }

        Assert.AreEqual(3, Datasets.Open(folder["data.npz"], [Datasets.Float("input", -1, 2)]).Count, "the sole array that can be read");
        var error = Assert.ThrowsExactly<Compress.Diagnostics.CompressionException>(() => Datasets.Open(folder["data.npz"], [Datasets.Float("names", -1, 2)]));
        Assert.AreEqual("CMP3006", error.Diagnostic.Code);
    }

    [TestMethod]
    [DynamicData(nameof(Types))]
    public void Every_element_type_is_read_stored_or_deflated(object type)
    {
        using var folder = new TemporaryFolder();
        var values = ElementCast.To((DataType)type, Tensor.Of(Numbers, 3, 2), (_, _) => new InvalidOperationException());
        foreach (var deflated in (bool[])[true, false])
        {
            NpzWriter.Write(folder["data.npz"], deflated, ("x", values));
            CollectionAssert.AreEqual(Array.ConvertAll(Numbers, n => (float)n), Datasets.Open(folder["data.npz"], [Datasets.Float("x", -1, 2)]).All().Single().Inputs["x"].Floats());
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Every_version_of_the_header_is_read(int version)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.npy"], NpzWriter.Npy(Datasets.Counting(3, 2), version));

        var data = Datasets.Open(folder["x.npy"], [Datasets.Float("any name", -1, 2)]);

        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3, 4, 5 }, data.All().Single().Inputs["any name"].Floats());
        CollectionAssert.AreEqual(new[] { folder["x.npy"] }, data.Files.ToArray());
    }

    [TestMethod]
    public void Values_with_the_high_byte_first_are_turned_round()
    {
        using var folder = new TemporaryFolder();
        byte[] values = [0x01, 0x02, 0xFF, 0xFE];
        File.WriteAllBytes(folder["x.npy"], [.. NpzWriter.NpyHeader(">i2", [2, 1]), .. values]);

        CollectionAssert.AreEqual(new float[] { 0x0102, -2 }, Datasets.Open(folder["x.npy"], [Datasets.Float("x", -1, 1)]).All().Single().Inputs["x"].Floats());
    }

    [TestMethod]
    public void A_list_in_Fortran_order_is_the_same_list()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.npy"], NpzWriter.Npy(Datasets.Counting(1, 3, 1), fortran: true));

        CollectionAssert.AreEqual(new float[] { 0, 1, 2 }, Datasets.Open(folder["x.npy"], [Datasets.Float("x", -1, 3, 1)]).All().Single().Inputs["x"].Floats());
    }

    [TestMethod]
    public void Any_part_can_be_read_again_in_batches_of_any_size()
    {
        using var folder = new TemporaryFolder();
        foreach (var deflated in (bool[])[true, false])
        {
            NpzWriter.Write(folder["data.npz"], deflated, ("x", Datasets.Counting(100, 3)));
            var data = Datasets.Open(folder["data.npz"], [Datasets.Float("x", -1, 3)]);
            foreach (var (start, count, size) in ((int, int, int)[])[(0, 100, 7), (42, 10, 3), (95, 50, 4), (0, 1, 1), (100, 5, 5), (3, 0, 1), (1, int.MaxValue, int.MaxValue)])
            {
                var batches = data.Read(start, count, size).ToList();
                var rows = batches.SelectMany(batch => batch.Inputs["x"].Floats().Chunk(3).Select(row => row[0])).ToArray();
                CollectionAssert.AreEqual(Enumerable.Range(start, Math.Min(count, 100 - start)).Select(row => 3f * row).ToArray(), rows);
                Assert.IsTrue(batches.All(batch => batch.Samples <= size));
            }
        }
    }

    [TestMethod]
    public void A_folder_may_hold_one_npy_file_an_array()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.npy"], NpzWriter.Npy(Datasets.Counting(3, 2)));
        File.WriteAllBytes(folder["labels.npy"], NpzWriter.Npy(Tensor.Of(new long[] { 4, 5, 6 }, 3)));

        var batch = Datasets.Open(folder.Path, [Datasets.Float("x", -1, 2)], null, "labels").All().Single();

        CollectionAssert.AreEqual(new long[] { 4, 5, 6 }, batch.Extras["labels"].Integers());
    }

    [TestMethod]
    public void A_zip_file_without_its_ending_is_known_by_its_first_bytes()
    {
        using var folder = new TemporaryFolder();
        NpzWriter.Write(folder["data.npz"], true, ("x", Datasets.Counting(3, 2)));
        File.Move(folder["data.npz"], folder["data"]);

        Assert.AreEqual(3, Datasets.Open(folder["data"], [Datasets.Float("x", -1, 2)]).Count);
    }
}
