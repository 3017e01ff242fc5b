using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Runtime.Operators;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Training;

/// <summary>The quantized values of a graph to train, on their grids.</summary>
/// <param name="isOwn">Whether one operator of our own does it, see <see cref="OwnOperators"/>; else ordinary ones do.</param>
internal sealed class ActivationGrids(OnnxGraph graph, PreparedPlan prepared, bool isOwn)
{
    /// <summary>
    /// Below 8 bits a grid is placed in the middle of uint8, so that values beyond both of its ends can be told from those on it. Grids of 8 bits and more are
    /// fine enough as calibration found them.
    /// </summary>
    private const int Middle = 64;

    /// <summary>Clips nothing.</summary>
    private static readonly (double Low, double High) Everything = (double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Puts values on their grids, for the nodes that will read them from there (see <see cref="Placement.Exact"/>).</summary>
    /// <returns>Activation that has a learned step size → the input that carries it.</returns>
    public static SortedDictionary<string, string> Put(OnnxModel model, PreparedPlan prepared, bool isOwn)
    {
        var steps = new ActivationGrids(model.Graph, prepared, isOwn).Put();
        if (model.Graph.Nodes.Exists(node => node.Domain == OwnOperators.Domain)) model.SetOpset(OwnOperators.Domain, 1);
        return steps;
    }

    private SortedDictionary<string, string> Put()
    {
        var (grids, placement) = (prepared.Grids, prepared.Placement);
        var steps = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var isInteger = prepared.Pruned.Model.Graph.Nodes.Where(placement.Integer.ContainsKey).SelectMany(node => node.Outputs).Where(output => output.Length > 0).ToHashSet(StringComparer.Ordinal);
        var nodes = graph.Nodes.ToArray();
        graph.Nodes.Clear();
        var (onGrid, exact) = (new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var input in graph.Inputs.Where(input => grids.GetValueOrDefault(input.Name) is { Bits: <= 8, IsDynamic: false }))
        {
            onGrid[input.Name] = input.Name + ".grid";
            // Its gradient would be a convolution more, for one number that calibration has found well.
            Quantize(input.Name, onGrid[input.Name], input.Name, grids[input.Name], Everything);
        }
        foreach (var node in nodes)
        {
            var renamed = node.Outputs.Any(isInteger.Contains) ? onGrid : exact;
            for (var i = 0; i < node.Inputs.Count; i++) node.Inputs[i] = renamed.GetValueOrDefault(node.Inputs[i], node.Inputs[i]);
            graph.Nodes.Add(node);
            for (var i = 0; i < node.Outputs.Count; i++)
            {
                if (grids.GetValueOrDefault(node.Outputs[i]) is not { Bits: <= 8, IsDynamic: false } grid) continue;
                var value = node.Outputs[i];
                var (source, function) = (value + ".exact", Everything);
                if (isOwn && !placement.Exact.Contains(value) && (node.Is("Relu") || node.Is("Clip")) && Placement.BoundsAt(graph, node) is { } bounds)
                {
                    (source, function) = (node.Inputs[0], bounds);
                    graph.Nodes.Remove(node);
                }
                else GraphEdit.RenameOutput(node, value, source);
                if (Quantize(source, value, value, grid, function) is { } step) steps[value] = step;
                if (placement.Exact.Contains(value)) exact[value] = source;
            }
        }
        return steps;
    }

    /// <param name="function">What stops the values before.</param>
    /// <returns>The input that carries the step; null: the grid is as fine as it came.</returns>
    private string? Quantize(string exact, string value, string root, Quantizer grid, (double Low, double High) function)
    {
        var step = root + ".step";
        graph.Constants[step] = Tensor.Of([grid.Scale]);
        if (isOwn) OwnGrid(exact, value, step, grid, function);
        else OrdinaryGrid(exact, value, step, grid);
        return IsLearned(grid) ? step : null;
    }

    private static bool IsLearned(Quantizer grid) => grid.Bits < 8;

    private void OwnGrid(string exact, string value, string step, Quantizer grid, (double Low, double High) function)
    {
        var bounds = value + ".bounds";
        graph.Constants[bounds] = Tensor.Of([-grid.ZeroPoint, grid.Top - grid.ZeroPoint, (float)function.Low, (float)function.High], 4);
        graph.Nodes.Add(new Node(OwnOperators.Quantize, [exact, step, bounds], [value], "", OwnOperators.Domain));
    }

    private void OrdinaryGrid(string exact, string value, string step, Quantizer grid)
    {
        string Byte(string name, int number)
        {
            graph.Constants[value + name] = new Tensor(DataType.Uint8, [], [(byte)number]);
            return value + name;
        }
        var (zero, codes) = (Byte(".zero", grid.ZeroPoint + (IsLearned(grid) ? Middle : 0)), value + ".codes");
        graph.Nodes.Add(new Node("QuantizeLinear", [exact, step, zero], [codes]));
        if (IsLearned(grid))
        {
            graph.Nodes.Add(new Node("Clip", [codes, Byte(".low", Middle), Byte(".high", Middle + grid.Top)], [codes + ".inside"]));
            codes += ".inside";
        }
        graph.Nodes.Add(new Node("DequantizeLinear", [codes, step, zero], [value]));
    }
}
