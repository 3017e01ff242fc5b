using Compress.Graph;
using Compress.Policy;

namespace Compress.Apply;

/// <summary>
/// Stores integer codes of 2 to 7 bits tightly, ternary ones five in a byte, and lets ordinary operators unpack them to int8. ONNX Runtime folds that part of the graph when it
/// loads the model, before it chooses kernels: small on disk, full int8 speed, nothing to install. All codes of one width form one blob, unpacked
/// once, so that a layer costs only the node that cuts out its part; those of mid-rise grids form blobs of their own. Operators: BitShift 11, BitwiseAnd 18, Cast, Split 18, Reshape; Div 14 and Mod 13 for ternary codes.
/// </summary>
public sealed class WeightPacking(OnnxGraph graph)
{
    private readonly List<(Form Form, Part Part)> waiting = [];
    private readonly List<(string Name, int Axis, IReadOnlyList<string> Pieces, int[] Places)> mixed = [];

    private sealed record Part(string Name, long[] Dims, sbyte[] Codes);

    /// <summary>What the codes of one blob have in common.</summary>
    private readonly record struct Form(int Bits, bool IsMidRise)
    {
        public string Name => IsMidRise ? $"pack{Bits}o" : $"pack{Bits}";

        /// <summary>What makes the smallest code zero. Those of a mid-rise grid are even then: a bit that need not be kept.</summary>
        public int Offset => IsMidRise ? (1 << Bits) - 1 : 1 << (Bits - 1);

        /// <summary>The lowest bit that is kept.</summary>
        public int Lowest => IsMidRise ? 1 : 0;
    }

    /// <summary>Announces codes in the tensor's own layout; the value <paramref name="name"/> will be their int8 tensor.</summary>
    public void Add(string name, long[] dims, sbyte[] codes, int bits, bool isMidRise = false)
    {
        if (isMidRise && codes.Any(code => !int.IsOddInteger(code))) throw new ArgumentException("An even code on a mid-rise grid.", nameof(codes));
        if (bits == 8) graph.Constants[name] = Tensor.Of(codes, dims);
        else waiting.Add((new Form(bits, isMidRise), new Part(name, dims, codes)));
    }

    /// <summary>
    /// Announces codes whose width changes along an axis. Positions of one width are stored together; when the model is loaded they are joined (Concat 13) and
    /// put back in order (Gather 13).
    /// </summary>
    public void Add(string name, long[] dims, sbyte[] codes, int axis, IReadOnlyList<int> widths, WeightGrid grid = default)
    {
        int[] sorted = [.. Enumerable.Range(0, widths.Count).OrderBy(i => widths[i])];
        var pieces = new List<string>();
        foreach (var width in sorted.GroupBy(i => widths[i]))
        {
            var piece = TensorSlices.Take(Tensor.Of(codes, dims), axis, [.. width]);
            pieces.Add($"{name}.{width.Key}");
            Add(pieces[^1], piece.Dims, [.. piece.Integers().Select(code => (sbyte)code)], width.Key, grid.At(width.First()).IsMidRise);
        }
        var places = new int[sorted.Length];
        for (var i = 0; i < sorted.Length; i++) places[sorted[i]] = i;
        mixed.Add((name, axis, pieces, places));
    }

    /// <summary>Codes of 4 bits as ONNX's own int4: two in a byte, the first in the low bits (opset 21).</summary>
    public static Tensor Int4(sbyte[] codes, long[] dims)
    {
        var bytes = new byte[(codes.Length + 1) / 2];
        for (var i = 0; i < codes.Length; i++) bytes[i / 2] |= (byte)((codes[i] & 15) << (i % 2 * 4));
        return new Tensor(Onnx.TensorProto.Types.DataType.Int4, dims, bytes);
    }

    /// <summary>The nodes that unpack everything announced; they belong at the start of the graph.</summary>
    public IReadOnlyList<Node> Build()
    {
        var nodes = new List<Node>();
        foreach (var form in waiting.GroupBy(entry => entry.Form, entry => entry.Part).OrderBy(group => group.Key.Name, StringComparer.Ordinal)) nodes.AddRange(Unpack(form.Key, [.. form]));
        if (mixed.Count > 0) Restore(nodes);
        return nodes;
    }

    /// <summary>All places lie in one constant, a byte each where that is enough.</summary>
    private void Restore(List<Node> nodes)
    {
        int[] all = [.. mixed.SelectMany(entry => entry.Places)];
        graph.Constants["pack.places"] = all.Max() <= byte.MaxValue ? Tensor.Of([.. all.Select(place => (byte)place)], all.Length) : Tensor.Of(all, all.Length);
        nodes.Add(new Node("Cast", ["pack.places"], ["pack.indices"]).Set("to", (long)Onnx.TensorProto.Types.DataType.Int64));
        CutApart.Last(nodes, graph, "pack.counts", [.. mixed.Select((entry, i) => ($"pack.indices{i}", (long)entry.Places.Length))]);
        for (var i = 0; i < mixed.Count; i++)
        {
            var (name, axis, pieces, _) = mixed[i];
            nodes.Add(new Node("Concat", pieces, [name + ".sorted"]).Set("axis", axis));
            nodes.Add(new Node("Gather", [name + ".sorted", $"pack.indices{i}"], [name]).Set("axis", axis));
        }
    }

    private List<Node> Unpack(Form form, List<Part> parts)
    {
        var name = form.Name;
        var values = parts.SelectMany(part => part.Codes).Select(code => (byte)(code + form.Offset)).ToArray();
        var nodes = new List<Node>();
        var sum = form.Bits == QuantizePolicy.Ternary ? UnpackTernary(nodes, values) : null;
        var low = form.Lowest;
        foreach (var plane in sum is null ? Planes(form.Bits) : [])
        {
            var value = UnpackPlane(nodes, values, name, plane, low);
            if (low > 0)
            {
                graph.Constants[$"{name}.up{low}"] = Tensor.Of([(byte)low]);
                nodes.Add(new Node("BitShift", [value, $"{name}.up{low}"], [value + ".up"]).Set("direction", "LEFT"));
                value += ".up";
            }
            if (sum is null) sum = value;
            else
            {
                nodes.Add(new Node("BitwiseOr", [sum, value], [$"{name}.or{low}"]));
                sum = $"{name}.or{low}";
            }
            low += plane;
        }
        graph.Constants[$"{name}.offset"] = Tensor.Of([(sbyte)form.Offset]);
        nodes.Add(new Node("Cast", [sum!], [$"{name}.int8"]).Set("to", (long)Onnx.TensorProto.Types.DataType.Int8));
        nodes.Add(new Node("Sub", [$"{name}.int8", $"{name}.offset"], [$"{name}.codes"]));
        Cut(nodes, name, parts);
        return nodes;
    }

    /// <summary>A width as a sum of widths that divide a byte.</summary>
    public static IEnumerable<int> Planes(int bits) => new[] { 4, 2, 1 }.Where(plane => (bits & plane) != 0);

    /// <summary>Value i of a plane lies in byte i mod m at bit (i div m) · plane: one broadcast shift of [1, m] by [8/plane, 1] brings all of them out in order.</summary>
    private string UnpackPlane(List<Node> nodes, byte[] values, string form, int plane, int low)
    {
        var slots = 8 / plane;
        var bytes = (values.Length + slots - 1) / slots;
        var mask = (1 << plane) - 1;
        var packed = new byte[bytes];
        for (var i = 0; i < values.Length; i++) packed[i % bytes] |= (byte)(((values[i] >> low) & mask) << (i / bytes * plane));
        var name = $"{form}.{plane}";
        graph.Constants[name] = Tensor.Of(packed, 1, bytes);
        graph.Constants[name + ".shift"] = Tensor.Of([.. Enumerable.Range(0, slots).Select(slot => (byte)(slot * plane))], slots, 1);
        graph.Constants[name + ".mask"] = Tensor.Of([(byte)mask]);
        nodes.Add(new Node("BitShift", [name, name + ".shift"], [name + ".down"]).Set("direction", "RIGHT"));
        nodes.Add(new Node("BitwiseAnd", [name + ".down", name + ".mask"], [name + ".low"]));
        return Flat(nodes, name, form, values.Length, bytes * slots);
    }

    /// <summary>Value i is digit i div m, to the base 3, of byte i mod m.</summary>
    private string UnpackTernary(List<Node> nodes, byte[] values)
    {
        int[] powers = [1, 3, 9, 27, 81];
        var bytes = (values.Length + powers.Length - 1) / powers.Length;
        var packed = new byte[bytes];
        for (var i = 0; i < values.Length; i++) packed[i % bytes] += (byte)(values[i] * powers[i / bytes]);
        const string name = "pack1.3";
        graph.Constants[name] = Tensor.Of(packed, 1, bytes);
        graph.Constants[name + ".powers"] = Tensor.Of(powers, powers.Length, 1);
        graph.Constants[name + ".base"] = Tensor.Of([3]);
        nodes.Add(new Node("Cast", [name], [name + ".int"]).Set("to", (long)Onnx.TensorProto.Types.DataType.Int32));
        nodes.Add(new Node("Div", [name + ".int", name + ".powers"], [name + ".down"]));
        nodes.Add(new Node("Mod", [name + ".down", name + ".base"], [name + ".low"]));
        return Flat(nodes, name, "pack1", values.Length, bytes * powers.Length);
    }

    /// <summary>One row of all values, without those that fill up the last byte.</summary>
    private string Flat(List<Node> nodes, string name, string form, int count, int padded)
    {
        graph.Constants["pack.flat"] = Tensor.List(-1);
        nodes.Add(new Node("Reshape", [name + ".low", "pack.flat"], [name + ".flat"]));
        // Planes of different widths pad their last bytes differently.
        if (padded == count) return name + ".flat";
        graph.Constants["pack.zero"] = Tensor.List(0);
        graph.Constants[form + ".count"] = Tensor.List(count);
        nodes.Add(new Node("Slice", [name + ".flat", "pack.zero", form + ".count"], [name + ".cut"]));
        return name + ".cut";
    }

    private void Cut(List<Node> nodes, string prefix, List<Part> parts)
    {
        CutApart.Last(nodes, graph, prefix + ".sizes", [.. parts.Select((part, i) => ($"{prefix}.part{i}", (long)part.Codes.Length))]);
        for (var i = 0; i < parts.Count; i++)
        {
            var shape = "pack.shape." + string.Join('x', parts[i].Dims);
            graph.Constants[shape] = Tensor.List(parts[i].Dims);
            nodes.Add(new Node("Reshape", [$"{prefix}.part{i}", shape], [parts[i].Name]));
        }
    }
}
