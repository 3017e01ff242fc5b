using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>
/// Stores what each channel has one of in 16 bits: scales as float16, integer biases as int16. All scales form one constant, all biases another, which ONNX Runtime
/// spreads over the layers when it loads the model, as it unpacks weights (<see cref="WeightPacking"/>). Scales lose nothing, large biases a few units; what 16 bits don't hold stays in 32.
/// Operators: Cast 13, Mul 14, Split 18, Unsqueeze 13.
/// </summary>
/// <param name="plain">All stays in 32 bits.</param>
internal sealed class ChannelConstants(OnnxGraph graph, bool plain)
{
    /// <summary>Fewer numbers cost more as nodes than they save as bytes: those of the whole graph, and those that need a node of their own.</summary>
    private const int LeastOfAll = 64, LeastOfOne = 16;

    /// <summary>A bias is at most this power of two times an int16; its error then is 4 units of products: hundredths of a step of the output at 8 bits, less than half a step at 4.</summary>
    private const int LargestShift = 3;

    /// <summary>Of the largest float16.</summary>
    private const int TopExponent = 15;

    private readonly List<(string Name, Tensor Values)> scales = [];
    private readonly List<(string Name, double[] Values, int Shift)> biases = [];

    /// <summary>Announces scales; the value <paramref name="name"/> will be their float tensor.</summary>
    /// <returns>The name.</returns>
    public string AddScales(string name, Tensor values)
    {
        if (!plain && values.Type == DataType.Float && values.Dims.Max() == values.Count && (values.Rank == 1 || values.Count >= LeastOfOne)) scales.Add((name, values));
        else graph.Constants[name] = values;
        return name;
    }

    /// <summary>Announces biases in units of input scale × weight scale; the value <paramref name="name"/> will be their int32 tensor [channels].</summary>
    /// <param name="values">Unrounded.</param>
    /// <returns>The name.</returns>
    public string AddBiases(string name, double[] values)
    {
        var shift = Enumerable.Range(0, LargestShift + 1).FirstOrDefault(shift => values.All(value => Math.Abs(Math.Round(value / (1 << shift))) <= short.MaxValue), -1);
        if (plain || shift < 0 || shift > 0 && values.Length < LeastOfOne) graph.Constants[name] = InFull(values);
        else biases.Add((name, values, shift));
        return name;
    }

    /// <summary>The nodes that spread everything announced; they belong at the start of the graph.</summary>
    public IReadOnlyList<Node> Build()
    {
        var nodes = new List<Node>();
        Scales(nodes);
        Biases(nodes);
        return nodes;
    }

    private void Scales(List<Node> nodes)
    {
        var unit = Unit([.. scales.SelectMany(entry => entry.Values.Floats())]);
        var parts = scales.Where(entry => entry.Values.Floats().All(value => IsHalf(value / unit))).ToList();
        if (parts.Sum(part => part.Values.Count) < LeastOfAll) parts.Clear();
        foreach (var (name, values) in scales.Except(parts)) graph.Constants[name] = values;
        if (parts.Count == 0) return;
        float[] all = [.. parts.SelectMany(part => part.Values.Floats()).Select(value => value / unit)];
        graph.Constants["pack.scales"] = new Tensor(DataType.Float16, [0], []).WithFloats(all, [all.Length]);
        nodes.Add(new Node("Cast", ["pack.scales"], ["pack.scales.f"]).Set("to", (long)DataType.Float));
        if (unit != 1)
        {
            graph.Constants["pack.scales.unit"] = Tensor.Scalar(unit);
            nodes.Add(new Node("Mul", ["pack.scales.f", "pack.scales.unit"], ["pack.scales.m"]));
        }
        CutApart.Last(nodes, graph, "pack.scales.sizes", [.. parts.Select(part => (part.Values.Rank == 1 ? part.Name : part.Name + ".v", part.Values.Count))]);
        foreach (var (name, values) in parts.Where(part => part.Values.Rank > 1))
        {
            long[] axes = [.. Enumerable.Range(0, values.Rank).Where(axis => axis != Array.IndexOf(values.Dims, values.Count)).Select(axis => (long)axis)];
            var constant = "pack.axes." + string.Join('.', axes);
            graph.Constants[constant] = Tensor.List(axes);
            nodes.Add(new Node("Unsqueeze", [name + ".v", constant], [name]));
        }
    }

    private void Biases(List<Node> nodes)
    {
        if (biases.Sum(entry => entry.Values.Length) < LeastOfAll)
        {
            foreach (var (name, values, _) in biases) graph.Constants[name] = InFull(values);
            return;
        }
        short[] all = [.. biases.SelectMany(entry => entry.Values.Select(value => (short)Math.Round(value / (1 << entry.Shift))))];
        graph.Constants["pack.biases"] = new Tensor(DataType.Int16, [all.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(all.AsSpan()).ToArray());
        nodes.Add(new Node("Cast", ["pack.biases"], ["pack.biases.i"]).Set("to", (long)DataType.Int32));
        CutApart.Last(nodes, graph, "pack.biases.sizes", [.. biases.Select(entry => (entry.Shift == 0 ? entry.Name : entry.Name + ".v", (long)entry.Values.Length))]);
        foreach (var (name, _, shift) in biases.Where(entry => entry.Shift > 0))
        {
            graph.Constants[$"pack.times{shift}"] = Tensor.Of([1 << shift]);
            nodes.Add(new Node("Mul", [name + ".v", $"pack.times{shift}"], [name]));
        }
    }

    private static Tensor InFull(double[] biases) => Tensor.Of(Array.ConvertAll(biases, value => (int)Math.Round(value)), biases.Length);

    /// <summary>What scales are stored in multiples of: 1 where float16 reaches them all, else the power of two that puts the largest at the upper end of float16.</summary>
    private static float Unit(float[] values) =>
        values.Length == 0 || values.All(IsHalf) ? 1 : MathF.ScaleB(1, Math.Max(-126, Exponent(values.Max()) - TopExponent));

    private static int Exponent(float value) => value > 0 && float.IsFinite(value) ? MathF.ILogB(value) : 0;

    private static bool IsHalf(float value) => (float)(Half)value == value;
}
