using Compress.Diagnostics;
using Compress.Graph;

namespace Compress.Data;

/// <summary>Arrays of one name in several files, one behind the other. Dimensions that differ are -1.</summary>
internal sealed class JoinedArray : SampleArray
{
    private readonly IReadOnlyList<SampleArray> parts;

    private JoinedArray(IReadOnlyList<SampleArray> parts, long[] dims) : base(parts[0].Name, parts[0].File, parts[0].Type, dims) => this.parts = parts;

    public override ArrayForm Form => parts[0].Form;

    public override IEnumerable<string> Files => parts.SelectMany(part => part.Files);

    /// <summary>Every array of the first file, with those of its name in the others. A scalar is taken from the first.</summary>
    /// <exception cref="CompressionException">CMP3020 when a file lacks an array, or has it in another type or rank.</exception>
    public static IReadOnlyList<SampleArray> Join(IReadOnlyList<IReadOnlyList<SampleArray>> files) =>
        files.Count <= 1 ? [.. files.SelectMany(file => file)] : [.. files[0].Select(first => first.Dims.Length == 0 ? first : Of([first, .. files.Skip(1).Select(file => Counterpart(first, file))]))];

    public override IRowReader Open(long row)
    {
        var part = 0;
        for (; part < parts.Count - 1 && row >= parts[part].Dims[0]; part++) row -= parts[part].Dims[0];
        return new Reader(this, part, row);
    }

    private static JoinedArray Of(IReadOnlyList<SampleArray> parts)
    {
        var dims = parts[0].Dims.ToArray();
        dims[0] = parts.Sum(part => part.Dims[0]);
        for (var axis = 1; axis < dims.Length; axis++)
            if (parts.Any(part => part.Dims[axis] != dims[axis])) dims[axis] = -1;
        return new(parts, dims);
    }

    private static SampleArray Counterpart(SampleArray first, IReadOnlyList<SampleArray> file)
    {
        var same = file.FirstOrDefault(array => array.Name == first.Name);
        return same is not null && same.Type == first.Type && same.Dims.Length == first.Dims.Length ? same
            : throw Codes.PartsDiffer(file[0].File, first.File, $"{first}", string.Join(", ", file)).Error();
    }

    private sealed class Reader(JoinedArray array, int part, long row) : IRowReader
    {
        private long left = array.parts[part].Dims[0] - row;
        private IRowReader current = array.parts[part].Open(row);

        public Tensor Read(int rows)
        {
            var pieces = new List<Tensor>();
            for (var wanted = rows; wanted > 0;)
            {
                if (left == 0) Advance();
                var taken = (int)Math.Min(wanted, left);
                pieces.Add(current.Read(taken));
                (wanted, left) = (wanted - taken, left - taken);
            }
            return array.Stack(pieces, rows);
        }

        public void Dispose() => current.Dispose();

        private void Advance()
        {
            current.Dispose();
            current = array.parts[++part].Open(0);
            left = array.parts[part].Dims[0];
        }
    }
}
