using Compress.Core.Tests.Emit;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests.Data;

/// <summary>Memory holds a batch, never the set.</summary>
[TestClass]
[DoNotParallelize] // memory is counted for the whole process
public sealed class StreamingTests
{
    private const int Samples = 200_000, RowBytes = 1024, BatchSize = 256;

    [TestMethod]
    public void Reading_200_megabytes_keeps_one_batch_and_runs_never_ahead()
    {
        var source = new MadeUpStream(Samples * (long)RowBytes);
        var data = Set(new BinaryArray("x", "made up", ElementTypes.OfNpy("u1")!, [Samples, RowBytes], bigEndian: false, () => new(source)));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (read, largest) = (0, 0L);

        foreach (var batch in data.Read(0, data.Count, BatchSize))
        {
            read += batch.Samples;
            Assert.AreEqual(read * (long)RowBytes, source.Position);
            if (read / BatchSize % 200 == 0) largest = Math.Max(largest, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        Assert.AreEqual(Samples, read);
        Assert.IsLessThan(8L << 20, largest, "bytes kept");
        Assert.IsTrue(source.IsDisposed);
    }

    [TestMethod]
    public void A_file_is_closed_when_reading_stops_early()
    {
        var source = new MadeUpStream(Samples * (long)RowBytes);
        var data = Set(new BinaryArray("x", "made up", ElementTypes.OfNpy("u1")!, [Samples, RowBytes], bigEndian: false, () => new(source)));

        _ = data.Read(5000, 1000, 10).First();

        Assert.AreEqual(5010L * RowBytes, source.Position);
        Assert.IsTrue(source.IsDisposed);
    }

    [TestMethod]
    public void A_deflated_file_of_a_set_that_is_larger_than_the_memory_it_may_take()
    {
        using var folder = new TemporaryFolder();
        using (var zip = new System.IO.Compression.ZipArchive(File.Create(folder["data.npz"]), System.IO.Compression.ZipArchiveMode.Create))
        {
            using var member = zip.CreateEntry("x.npy", System.IO.Compression.CompressionLevel.Fastest).Open();
            member.Write(NpzWriter.NpyHeader("|u1", [Samples / 4, RowBytes]));
            new MadeUpStream(Samples / 4 * (long)RowBytes).CopyTo(member);
        }
        var data = Datasets.Open(folder["data.npz"], [Datasets.Float("x", -1, RowBytes)]);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (row, largest) = (0, 0L);

        foreach (var batch in data.Read(0, data.Count, BatchSize))
        {
            Assert.AreEqual((byte)row, batch.Inputs["x"].Floats()[0]);
            row += batch.Samples;
            if (row / BatchSize % 50 == 0) largest = Math.Max(largest, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        Assert.AreEqual(Samples / 4, row);
        Assert.IsLessThan(8L << 20, largest, "bytes kept");
    }

    private static SampleSet Set(SampleArray array)
    {
        var request = new DataRequest(array.File, new SourceLocation(""), Preprocess.None, [Datasets.Float("x", -1, RowBytes)], [], new SourceLocation(""));
        var fit = Fit.Of(request.Inputs[0], array, request.Preprocess)!;
        return new SampleSet([new InputFeed(request.Inputs[0], array, fit, request)], [], request);
    }

    /// <summary>Bytes that nothing stores: each row holds its number.</summary>
    private sealed class MadeUpStream(long length) : Stream
    {
        public bool IsDisposed { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = (int)Math.Min(count, length - Position);
            for (var end = offset + count; offset < end;)
            {
                var piece = (int)Math.Min(RowBytes - Position % RowBytes, end - offset);
                buffer.AsSpan(offset, piece).Fill((byte)(Position / RowBytes));
                (offset, Position) = (offset + piece, Position + piece);
            }
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing) => IsDisposed = true;
    }
}
