using System.Runtime.InteropServices;
using Compress.Diagnostics;
using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Data;

/// <summary>Some columns of a CSV file as float64 [rows, columns]; one column that is no list of values as [rows].</summary>
internal sealed class CsvArray(string name, CsvTable table, int[] columns)
    : SampleArray(name, table.File, DataType.Double, columns.Length == 1 ? [table.Rows] : [table.Rows, columns.Length])
{
    public override ArrayForm Form => ArrayForm.Table;

    public override IRowReader Open(long row) => DataFile.Read(File, Name, () =>
    {
        var reader = new Reader(this, table, columns);
        reader.Skip(row + (table.HasHeader ? 1 : 0));
        return reader;
    });

    private sealed class Reader(CsvArray array, CsvTable table, int[] columns) : IRowReader
    {
        private readonly NumberedLines lines = new(table.File);

        public void Skip(long count)
        {
            for (; count > 0; count--) lines.Next();
        }

        public Tensor Read(int rows) => DataFile.Read(table.File, array.Name, () =>
        {
            var values = new double[rows * columns.Length];
            for (var row = 0; row < rows; row++) Parse(lines.Next(), values.AsSpan(row * columns.Length, columns.Length));
            return new Tensor(DataType.Double, [rows, .. array.Dims[1..]], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        });

        public void Dispose() => lines.Dispose();

        private void Parse(string line, Span<double> values)
        {
            var cells = line.Split(table.Separator);
            if (cells.Length != table.Names.Count) throw Codes.CsvRowLength(table.File, lines.Number, table.Names.Count, cells.Length).Error();
            for (var i = 0; i < values.Length; i++)
            {
                var cell = cells[columns[i]];
                if (CsvTable.TryNumber(cell.AsSpan().Trim().Trim('"'), out values[i])) continue;
                var column = 1 + cells.Take(columns[i]).Sum(before => before.Length + 1);
                throw Codes.CsvCell(table.File, lines.Number, column, cell.Trim(), table.Names[columns[i]]).Error();
            }
        }
    }

    /// <summary>The lines that are not blank, with their numbers in the file.</summary>
    private sealed class NumberedLines(string file) : IDisposable
    {
        private readonly StreamReader reader = new(file);

        public int Number { get; private set; }

        public string Next()
        {
            while (reader.ReadLine() is { } line)
            {
                Number++;
                if (!string.IsNullOrWhiteSpace(line)) return line;
            }
            throw new EndOfStreamException();
        }

        public void Dispose() => reader.Dispose();
    }
}
