using Compress.Diagnostics;
using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Data;

/// <summary>What the rows of an array are: values in the model's own order, cells of a table, or pictures (height, width, channel).</summary>
internal enum ArrayForm { Tensor, Table, Images }

/// <summary>
/// One named array on disk. Its first axis counts samples, unless it is a constant. Only dimensions and type are in memory;
/// a dimension of -1 differs from sample to sample.
/// </summary>
internal abstract class SampleArray(string name, string file, DataType type, long[] dims)
{
    public string Name { get; } = name;

    public string File { get; } = file;

    public DataType Type { get; } = type;

    public long[] Dims { get; } = dims;

    public virtual ArrayForm Form => ArrayForm.Tensor;

    /// <summary>Every file that is read, absolute.</summary>
    public virtual IEnumerable<string> Files => [File];

    /// <summary>Samples differ in size: they can only be read one by one.</summary>
    public bool IsRagged => Dims.Contains(-1);

    /// <summary>Why it can't be read; null: it can.</summary>
    public virtual CompressionException? Unreadable => null;

    /// <summary>Starts reading at a row. Each call has its own place in the file.</summary>
    public abstract IRowReader Open(long row);

    /// <summary>The whole array, for constants.</summary>
    public Tensor ReadAll()
    {
        using var reader = Open(0);
        return reader.Read(Dims.Length == 0 ? 1 : checked((int)Dims[0])).Reshape(Dims);
    }

    /// <summary>Tensors of one or more rows as one tensor. A lone row may have its own size.</summary>
    protected Tensor Stack(IReadOnlyList<Tensor> pieces, int rows)
    {
        if (pieces is [var only]) return only;
        var bytes = new byte[pieces.Sum(piece => piece.ByteCount)];
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.Raw.CopyTo(bytes.AsSpan(at));
            at += piece.Raw.Length;
        }
        return new Tensor(Type, [rows, .. Dims[1..]], bytes);
    }

    public override string ToString() => $"'{Name}' {Type.ToString().ToLowerInvariant()} {Shapes.Text(Dims)}";
}

/// <summary>A place in an array.</summary>
internal interface IRowReader : IDisposable
{
    /// <summary>The next rows, in the array's own type, dimensions [rows, …]; exactly one row when the array is ragged.</summary>
    Tensor Read(int rows);
}

/// <summary>Reads rows by a function that keeps its place itself and holds nothing open.</summary>
internal sealed class RowReader(Func<int, Tensor> read) : IRowReader
{
    public Tensor Read(int rows) => read(rows);

    public void Dispose() { }
}
