using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Compress.Analysis;
using Compress.Graph;
using Compress.Runtime;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>A table as it is stored: one scale a row, see <see cref="TableForm"/>.</summary>
public sealed record StoredTable(Table Table, RoundedWeights Weights);

/// <summary>
/// Stores tables in few bits. Of an embedding the rows that are asked for are unpacked as the model runs, so that it never takes more memory than on disk:
/// Gather 13, BitShift 11, BitwiseAnd 18, Cast, Sub, Mul. Everything else is unpacked when ONNX Runtime loads the model, by Cast and Mul, which it folds.
/// </summary>
public static class TableStorage
{
    private static readonly ConditionalWeakTable<Tensor, ConcurrentDictionary<(TableForm Form, int Bits), RoundedWeights>> Known = [];

    /// <summary>The width that a table can be stored in: what stays packed needs codes that fill a byte evenly.</summary>
    public static int Width(Table table, Tensor constant, int bits) =>
        !table.IsLookup ? Math.Clamp(bits, 2, 8) : bits <= 2 && constant.Dims[1] % 4 == 0 ? 2 : bits <= 4 && constant.Dims[1] % 2 == 0 ? 4 : 8;

    /// <summary>Rounds to nearest with a searched scale a row; the same table is rounded once.</summary>
    public static RoundedWeights Round(Tensor constant, TableForm form, int bits) => Known.GetOrCreateValue(constant).GetOrAdd((form, bits), _ =>
    {
        var values = InRows(constant, form, constant.Floats());
        var rows = Rows(constant, form);
        var columns = values.Length / rows;
        var (codes, scales, grid) = (new sbyte[values.Length], new float[rows], WeightGrid.Of(bits));
        Parallel.For(0, rows, Concurrent.Fine, row =>
        {
            var own = Array.ConvertAll(values.AsSpan(row * columns, columns).ToArray(), value => (double)value);
            scales[row] = (float)NearestRounding.Scale(own, grid);
            for (var i = 0; i < columns; i++) codes[(row * columns) + i] = (sbyte)grid.Round(own[i] / scales[row]);
        });
        return new RoundedWeights(codes, scales, rows, columns, 1, bits);
    });

    /// <summary>The table as it is used, in the constant's own layout.</summary>
    public static Tensor Dequantized(Tensor constant, StoredTable stored) =>
        constant.WithFloats(InPlace(constant, stored.Table.Form, stored.Weights.Dequantized()), constant.Dims);

    /// <summary>Takes the constant's place in a graph; the nodes that are returned belong to its start.</summary>
    internal static IReadOnlyList<Node> Write(OnnxGraph graph, WeightPacking packing, ChannelConstants channels, StoredTable stored)
    {
        var (name, constant) = (stored.Table.Constant, graph.Constants[stored.Table.Constant]);
        graph.Constants.Remove(name);
        var codes = InPlace(constant, stored.Table.Form, stored.Weights.Codes);
        var scale = name + ".s";
        var decoded = new Tensor(ScaledCodes.DecodedIn(constant.Type), [0], []);
        channels.AddScales(scale, decoded.WithFloats(stored.Weights.Scales, ScaleShape(constant, stored.Table.Form)));
        if (stored.Table.IsLookup)
        {
            WriteLookup(graph, name, constant, codes, stored.Weights.Bits);
            return [];
        }
        packing.Add(name + ".c", constant.Dims, codes, stored.Weights.Bits);
        return [.. ScaledCodes.Nodes(name + ".c", scale, name, constant.Type)];
    }

    private static void WriteLookup(OnnxGraph graph, string name, Tensor constant, sbyte[] codes, int bits)
    {
        var (rows, columns, slots) = ((int)constant.Dims[0], (int)constant.Dims[1], 8 / bits);
        var type = ScaledCodes.DecodedIn(constant.Type);
        graph.Constants[name + ".c"] = bits == 8 ? Tensor.Of(codes, constant.Dims) : new Tensor(DataType.Uint8, [rows, columns / slots], Packed(codes, columns, bits));
        for (var at = 0; at < graph.Nodes.Count; at++)
        {
            if (graph.Nodes[at] is not { Op: "Gather", Domain: "" } gather || gather.Inputs[0] != name) continue;
            var (output, indices) = (gather.Output, gather.Inputs[1]);
            List<Node> nodes = [new Node("Gather", [name + ".c", indices], [output + ".c"], gather.Name)];
            var whole = bits == 8 ? output + ".c" : Unpack(graph, nodes, output, bits);
            nodes.Add(new Node("Cast", [whole], [output + ".f"]).Set("to", (long)type));
            var centred = output + ".f";
            if (bits < 8)
            {
                graph.Constants[$"table{bits}.offset.{type}"] = new Tensor(type, [0], []).WithFloats([1 << (bits - 1)], []);
                nodes.Add(new Node("Sub", [centred, $"table{bits}.offset.{type}"], [output + ".o"]));
                centred = output + ".o";
            }
            nodes.Add(new Node("Gather", [name + ".s", indices], [output + ".s"]));
            nodes.Add(new Node("Mul", [centred, output + ".s"], [type == constant.Type ? output : output + ".m"]));
            if (type != constant.Type) nodes.Add(new Node("Cast", [output + ".m"], [output]).Set("to", (long)constant.Type));
            graph.Nodes.RemoveAt(at);
            graph.Nodes.InsertRange(at, nodes);
            at += nodes.Count - 1;
        }
    }

    /// <summary>Column i of a row lies in byte i mod m at bit (i div m) · bits, m bytes a row.</summary>
    private static byte[] Packed(sbyte[] codes, int columns, int bits)
    {
        var bytes = columns * bits / 8;
        var packed = new byte[codes.Length / columns * bytes];
        for (var i = 0; i < codes.Length; i++)
            packed[(i / columns * bytes) + (i % columns % bytes)] |= (byte)((codes[i] + (1 << (bits - 1))) << (i % columns / bytes * bits));
        return packed;
    }

    private static string Unpack(OnnxGraph graph, List<Node> nodes, string output, int bits)
    {
        graph.Constants[$"table{bits}.mask"] = Tensor.Of([(byte)((1 << bits) - 1)]);
        var slots = Enumerable.Range(0, 8 / bits).Select(slot => $"{output}.{slot}").ToList();
        for (var slot = 0; slot < slots.Count; slot++)
        {
            var shifted = output + ".c";
            if (slot > 0)
            {
                graph.Constants[$"table.shift{slot * bits}"] = Tensor.Of([(byte)(slot * bits)]);
                nodes.Add(new Node("BitShift", [shifted, $"table.shift{slot * bits}"], [slots[slot] + ".d"]).Set("direction", "RIGHT"));
                shifted = slots[slot] + ".d";
            }
            nodes.Add(new Node("BitwiseAnd", [shifted, $"table{bits}.mask"], [slots[slot]]));
        }
        nodes.Add(new Node("Concat", slots, [output + ".w"]).Set("axis", -1));
        return output + ".w";
    }

    private static int Rows(Tensor constant, TableForm form) => (int)Tensor.ElementCount(ScaleShape(constant, form));

    /// <summary>One element where a scale is shared.</summary>
    internal static long[] ScaleShape(Tensor constant, TableForm form)
    {
        long[] shape = [.. constant.Dims];
        if (form == TableForm.Rows) shape[^1] = 1;
        else if (form == TableForm.Columns) shape[^2] = 1;
        else Array.Fill(shape, 1, 1, shape.Length - 1);
        return shape;
    }

    private static T[] InRows<T>(Tensor constant, TableForm form, T[] values) => form == TableForm.Columns ? Transposed(values, constant.Dims[^2], constant.Dims[^1]) : values;

    private static T[] InPlace<T>(Tensor constant, TableForm form, T[] values) => form == TableForm.Columns ? Transposed(values, constant.Dims[^1], constant.Dims[^2]) : values;

    /// <summary>Every matrix [rows, columns] of a stack, transposed.</summary>
    internal static T[] Transposed<T>(T[] values, long rows, long columns)
    {
        var (result, size) = (new T[values.Length], rows * columns);
        for (long i = 0; i < values.Length; i++) result[(i / size * size) + (i % columns * rows) + (i % size / columns)] = values[i];
        return result;
    }
}
