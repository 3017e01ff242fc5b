using Compress.Graph;
using Compress.Plan;

namespace Compress.Training;

/// <summary>An activation on a grid whose step and range are trained: ordinary nodes, the rounding passed straight through.</summary>
/// <param name="value">The activation.</param>
/// <param name="grid">Its grid at the widest bits.</param>
internal sealed class ActivationRange(string value, Quantizer grid, double least) : IGraphPart
{
    private readonly float below = grid.High > 0 ? (float)(-grid.Low / grid.High) : 0;

    public LearnedRange Range { get; } = new(Math.Max(grid.High, 1e-6), grid.High > 0 ? -grid.Low / grid.High : 0, least, grid.Bits);

    public IEnumerable<Parameter> Parameters => [Range.High, Range.Step];

    public IReadOnlyList<string> Insert(OnnxGraph graph)
    {
        string Name(string part) => $"{value}.range.{part}";
        var first = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        Feed(first);
        foreach (var (name, tensor) in first) graph.Constants[name] = tensor;
        graph.Constants[Name("below")] = Tensor.Scalar(-below);
        var producer = graph.Nodes.FirstOrDefault(node => node.Outputs.Contains(value));
        var (source, result) = producer is null ? (value, Name("grid")) : (Name("exact"), value);
        if (producer is null) GraphEdit.ReplaceUses(graph, value, result);
        else GraphEdit.RenameOutput(producer, value, source);
        Node[] added =
        [
            new("Mul", [High, Name("below")], [Name("low")]),
            new("Min", [source, High], [Name("bounded")]),
            new("Max", [Name("bounded"), Name("low")], [Name("inside")]),
            new("Div", [Name("inside"), Step], [Name("places")]),
            new("Round", [Name("places")], [Name("codes")]),
            new("Mul", [Name("codes"), Step], [result]),
        ];
        graph.Nodes.InsertRange(producer is null ? 0 : graph.Nodes.IndexOf(producer) + 1, added);
        return [.. first.Keys];
    }

    public void Feed(IDictionary<string, Tensor> feed)
    {
        var (high, step) = Range.Bounded();
        (feed[High], feed[Step]) = (Tensor.Scalar(high), Tensor.Scalar(step));
    }

    public void Feed(IDictionary<string, Tensor> feed, int samples, Random random)
    {
    }

    public void Take(Func<string, float[]> gradient, double progress)
    {
        Range.High.Gradient[0] = gradient(High)[0] * MathF.Exp(Range.High.Values[0]);
        Range.Step.Gradient[0] = gradient(Step)[0] * MathF.Exp(Range.Step.Values[0]);
    }

    private string High => value + ".range.high";

    private string Step => value + ".range.step";
}
