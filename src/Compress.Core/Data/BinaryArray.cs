using Compress.Graph;

namespace Compress.Data;

/// <summary>Bytes of an array, and the file that is closed when they are no longer needed.</summary>
internal sealed record ValueStream(Stream Values, IDisposable File) : IDisposable
{
    public ValueStream(Stream file) : this(file, file) { }

    public void Dispose() => File.Dispose();

    /// <summary>Moves on; reads what is skipped where the stream can't seek (compressed data).</summary>
    public ValueStream Skip(long count)
    {
        if (Values.CanSeek)
        {
            Values.Position += count;
            return this;
        }
        try
        {
            var buffer = new byte[Math.Min(count, 1 << 16)];
            for (var left = count; left > 0; left -= buffer.Length) Values.ReadExactly(buffer, 0, (int)Math.Min(left, buffer.Length));
        }
        catch
        {
            Dispose();
            throw;
        }
        return this;
    }
}

/// <summary>Rows of fixed size one after the other: npy files, members of npz files, IDX. <paramref name="open"/> gives the bytes from the first value on.</summary>
internal sealed class BinaryArray(string name, string file, ElementType element, long[] dims, bool bigEndian, Func<ValueStream> open)
    : SampleArray(name, file, element.Type, dims)
{
    private long[] RowDims => Dims.Length == 0 ? [] : Dims[1..];

    private long RowBytes => Tensor.ElementCount(RowDims) * element.Size;

    public override IRowReader Open(long row) => DataFile.Read(File, Name, () => new Reader(this, open().Skip(row * RowBytes)));

    private Tensor Rows(Stream stream, int rows) => DataFile.Read(File, Name, () =>
    {
        var bytes = new byte[checked(rows * RowBytes)];
        stream.ReadExactly(bytes);
        if (bigEndian)
            for (var at = 0; at < bytes.Length; at += element.Size) bytes.AsSpan(at, element.Size).Reverse();
        return new Tensor(Type, [rows, .. RowDims], bytes);
    });

    private sealed class Reader(BinaryArray array, ValueStream stream) : IRowReader
    {
        public Tensor Read(int rows) => array.Rows(stream.Values, rows);

        public void Dispose() => stream.Dispose();
    }
}
