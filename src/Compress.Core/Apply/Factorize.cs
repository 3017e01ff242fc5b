using Compress.Analysis;
using Compress.Graph;

namespace Compress.Apply;

/// <summary>
/// Writes a layer as a product of two: Gemm and MatMul as two of their kind, a Conv as one with its kernel into as many channels as the rank and one of 1 × 1 behind
/// it. The second keeps the name, the bias and the output; what lies between is a channel group of its own, so pruning lowers the rank further.
/// </summary>
internal static class Factorize
{
    /// <summary>Behind a layer's name: the first of its two factors.</summary>
    public const string First = ".low";

    private static readonly string[] Window = ["pads", "strides", "dilations", "auto_pad"];

    public static bool Fits(Layer layer) => layer is { Kind: LayerKind.Dense } or { Kind: LayerKind.Conv, Group: 1 };

    /// <param name="ranks">Layer name → rank.</param>
    /// <param name="components">Of each of those layers.</param>
    public static OnnxModel Apply(OnnxModel model, IReadOnlyList<Layer> layers, IReadOnlyDictionary<string, int> ranks, IReadOnlyDictionary<string, OutputComponents> components)
    {
        var result = model.Clone();
        var names = NameSource.Of(result.Graph);
        foreach (var layer in layers.Where(layer => ranks.ContainsKey(layer.Name))) Write(result.Graph, names, layer, ranks[layer.Name], components[layer.Name].Factors(ranks[layer.Name]));
        return result;
    }

    private static void Write(OnnxGraph graph, NameSource names, Layer layer, int rank, (float[] Down, float[] Up, double[] Shift) factors)
    {
        var weight = graph.Constants[layer.Weight];
        var second = graph.Nodes.Single(node => node.Outputs.SequenceEqual(layer.Node.Outputs));
        var between = names.Fresh(layer.Name + First);
        string Constant(float[] values, long[] dims)
        {
            var name = names.Fresh($"{layer.Weight}{First}");
            graph.Constants[name] = weight.WithFloats(values, dims);
            return name;
        }
        var (down, up) = Dims(layer, weight.Dims, rank);
        var first = new Node(second.Op, [layer.Input, Constant(InLayout(layer, down, factors.Down), down)], [between], between);
        foreach (var attribute in second.Attributes.Values) first.Put(attribute.Clone());
        second.Inputs[0] = between;
        second.Inputs[1] = Constant(InLayout(layer, up, factors.Up), up);
        if (layer.Kind == LayerKind.Conv)
        {
            foreach (var name in Window) second.Attributes.Remove(name);
            second.Set("kernel_shape", up[2..]);
        }
        graph.Constants.Remove(layer.Weight);
        graph.Nodes.Insert(graph.Nodes.IndexOf(second), first);
        if (layer.TakesBias) AddToBias(graph, names, layer, second, weight, factors.Shift);
    }

    private static void AddToBias(OnnxGraph graph, NameSource names, Layer layer, Node second, Tensor weight, double[] shift)
    {
        if (layer.Bias is { } own)
        {
            var old = graph.Constants[own];
            graph.Constants[own] = old.WithFloats([.. old.Floats().Select((value, i) => (float)(value + shift[i]))], old.Dims);
            return;
        }
        var bias = names.Fresh(layer.Name + ".bias");
        graph.Constants[bias] = weight.WithFloats(Array.ConvertAll(shift, value => (float)value), shift.Length);
        while (second.Inputs.Count < 3) second.Inputs.Add("");
        second.Inputs[2] = bias;
    }

    /// <summary>Dimensions of the two factors' weights.</summary>
    private static (long[] Down, long[] Up) Dims(Layer layer, long[] dims, int rank)
    {
        if (layer.Kind == LayerKind.Conv) return ([rank, .. dims[1..]], [dims[0], rank, .. dims[2..].Select(_ => 1L)]);
        return layer.Node.Int("transB") != 0 ? ([rank, dims[1]], [dims[0], rank]) : ([dims[0], rank], [rank, dims[1]]);
    }

    private static float[] InLayout(Layer layer, long[] dims, float[] matrix) => WeightMatrix.ToTensorLayout(layer, dims, matrix);
}
