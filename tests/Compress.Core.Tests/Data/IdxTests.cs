using System.Buffers.Binary;
using System.IO.Compression;
using Compress.Core.Tests.Emit;

namespace Compress.Core.Tests.Data;

[TestClass]
public sealed class IdxTests
{
    [TestMethod]
    [DataRow("train-images-idx3-ubyte", "train-labels-idx1-ubyte")]
    [DataRow("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")]
    [DataRow("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz")]
    [DataRow("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte")]
    [DataRow("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte")]
    public void Images_come_with_the_labels_beside_them(string images, string labels)
    {
        using var folder = new TemporaryFolder();
        Write(folder[images], 0x08, [5, 2, 3], [.. Enumerable.Range(0, 30).Select(i => (byte)i)]);
        Write(folder[labels], 0x08, [5], [9, 8, 7, 6, 5]);

        var data = Datasets.Open(folder[images], [Datasets.Float("x", -1, 1, 2, 3)], null, "labels");
        var batch = data.Read(1, 3, 10).Single();

        CollectionAssert.AreEqual(new[] { folder[images], folder[labels] }.Order(StringComparer.Ordinal).ToArray(), data.Files.ToArray());
        CollectionAssert.AreEqual(new long[] { 3, 1, 2, 3 }, batch.Inputs["x"].Dims);
        CollectionAssert.AreEqual(Enumerable.Range(6, 18).Select(i => (float)i).ToArray(), batch.Inputs["x"].Floats());
        CollectionAssert.AreEqual(new long[] { 8, 7, 6 }, batch.Extras["labels"].Integers());
    }

    [TestMethod]
    [DataRow((byte)0x09, new byte[] { 0xFF, 0x7F }, -1f, 127f)]
    [DataRow((byte)0x0B, new byte[] { 0xFF, 0xFE, 0x01, 0x02 }, -2f, 258f)]
    [DataRow((byte)0x0C, new byte[] { 0xFF, 0xFF, 0xFF, 0xFE, 0, 1, 0, 0 }, -2f, 65536f)]
    [DataRow((byte)0x0D, new byte[] { 0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0 }, 1f, -2.5f)]
    [DataRow((byte)0x0E, new byte[] { 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0xC0, 0x04, 0, 0, 0, 0, 0, 0 }, 1f, -2.5f)]
    public void Every_type_is_read_high_byte_first(byte type, byte[] values, float first, float second)
    {
        using var folder = new TemporaryFolder();
        Write(folder["values-ubyte"], type, [2, 1], values);

        CollectionAssert.AreEqual(new[] { first, second }, Datasets.Open(folder["values-ubyte"], [Datasets.Float("x", -1, 1)]).All().Single().Inputs["x"].Floats());
    }

    private static void Write(string path, byte type, int[] dims, byte[] values)
    {
        using Stream file = File.Create(path);
        using var stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write([0, 0, type, (byte)dims.Length]);
        var size = new byte[4];
        foreach (var dim in dims)
        {
            BinaryPrimitives.WriteInt32BigEndian(size, dim);
            stream.Write(size);
        }
        stream.Write(values);
    }
}
