using Compress.Graph;
using Compress.Plan;

namespace Compress.Training;

/// <summary>
/// Differentiable joint pruning and quantization (DJPQ, 2007.10463): channel gates and learned ranges are trained on one loss, to which γ Σ ln(1 + μ²/σ²) of the gates and
/// β Σ ln cost of the layers are added, a layer's cost being its MACs (or weights) times the shares of its channels that are likely to stay, in and out, times its
/// bits. A channel stays with the probability sigmoid(ln μ²/σ²). β, a constant in the paper, grows while the whole cost is above its target and shrinks below it.
/// </summary>
internal sealed class JointLearning : IGraphPart
{
    /// <summary>How fast β follows the logarithm of the excess, over a whole training; and its bounds.</summary>
    private const double Pace = 0.5, FirstPressure = 0.01, MostPressure = 1;

    private readonly ChannelGates gates;
    private readonly IReadOnlyList<WeightRange> weights;
    private readonly IReadOnlyList<ActivationRange> activations;
    private readonly IReadOnlyDictionary<int, LearnedRange> ranges;
    private readonly IReadOnlyDictionary<int, string> groups;
    private readonly ChoiceProblem problem;
    private readonly Resource resource;
    private readonly double target;

    /// <summary>β and the progress that it was set at: kept with what is trained, though no optimizer moves it.</summary>
    private readonly Parameter pressure = new([(float)FirstPressure, 0], [0]);

    /// <param name="weights">Choice of a layer's bits → its range.</param>
    /// <param name="activations">Choice of an activation's bits → its range.</param>
    /// <param name="groups">Choice of a group's channels → the group's id.</param>
    /// <param name="resource">What is counted: bit operations, multiplications or bytes.</param>
    /// <param name="share">Of the cost at the start that is to be reached.</param>
    public JointLearning(ChannelGates gates, IReadOnlyDictionary<int, WeightRange> weights, IReadOnlyDictionary<int, ActivationRange> activations, IReadOnlyDictionary<int, string> groups, ChoiceProblem problem, Resource resource, double share)
    {
        (this.gates, this.problem, this.resource) = (gates, problem, resource);
        (this.weights, this.activations) = ([.. weights.OrderBy(entry => entry.Key).Select(entry => entry.Value)], [.. activations.OrderBy(entry => entry.Key).Select(entry => entry.Value)]);
        ranges = weights.Select(entry => (entry.Key, entry.Value.Range)).Concat(activations.Select(entry => (entry.Key, entry.Value.Range))).ToDictionary();
        this.groups = groups.Where(group => gates.Has(group.Value)).ToDictionary();
        target = share * Cost();
    }

    public IEnumerable<Parameter> Parameters => gates.Parameters.Concat(weights.SelectMany(range => range.Parameters)).Concat(activations.SelectMany(range => range.Parameters)).Append(pressure);

    public IReadOnlyList<string> Insert(OnnxGraph graph)
    {
        List<string> learned = [.. gates.Insert(graph)];
        foreach (var range in activations) learned.AddRange(range.Insert(graph));
        return learned;
    }

    public void Feed(IDictionary<string, Tensor> feed)
    {
        gates.Feed(feed);
        foreach (var range in weights) range.Feed(feed);
        foreach (var range in activations) range.Feed(feed);
    }

    public void Feed(IDictionary<string, Tensor> feed, int samples, Random random) => gates.Feed(feed, samples, random);

    public void Take(Func<string, float[]> gradient, double progress)
    {
        gates.Take(gradient, progress);
        foreach (var range in weights) range.Take(gradient, progress);
        foreach (var range in activations) range.Take(gradient, progress);

        var beta = Math.Clamp(pressure.Values[0] + (Pace * (progress - pressure.Values[1]) * Math.Log(Cost() / target)), 0, MostPressure);
        (pressure.Values[0], pressure.Values[1]) = ((float)beta, (float)progress);
        AddCost(beta);
    }

    /// <summary>Σ cost of the layers.</summary>
    public double Cost() => problem.Layers.Sum(layer => Factor(layer) * Kept(layer.Out, layer.Shape.OutChannels) * KeptIn(layer) * Bits(layer.Weight, layer.WeightBits) * InputBits(layer));

    /// <summary>Adds the derivative of β Σ ln cost.</summary>
    public void AddCost(double beta)
    {
        foreach (var layer in problem.Layers.Where(layer => Factor(layer) > 0))
        {
            if (ranges.TryGetValue(layer.Weight, out var weight) && resource != Resource.Macs) weight.Add(beta);
            if (ranges.TryGetValue(layer.Activation, out var activation) && resource == Resource.Bops) activation.Add(beta);
            AddKept(layer.Out, layer.Shape.OutChannels, beta);
            if (layer.Shape.Groups == 1) AddKept(layer.In, layer.Shape.InChannels, beta);
        }
    }

    private double Factor(LayerTerm layer) => resource == Resource.Size ? layer.Shape.Weights : layer.Shape.Macs;

    private double Bits(int choice, int otherwise) => resource == Resource.Macs ? 1 : ranges.TryGetValue(choice, out var range) ? range.Bits : otherwise;

    private double InputBits(LayerTerm layer) => resource != Resource.Bops ? 1 : Bits(layer.Activation, layer.ActivationBits);

    private double KeptIn(LayerTerm layer) => layer.Shape.Groups == 1 ? Kept(layer.In, layer.Shape.InChannels) : 1;

    private double Kept(IReadOnlyList<(int Choice, int Width)> axis, long channels) =>
        Math.Max(1 - axis.Where(part => groups.ContainsKey(part.Choice)).Sum(part => part.Width * gates.Signals(groups[part.Choice]).Sum(signal => 1 - Stays(signal)) / channels), 1e-3);

    private void AddKept(IReadOnlyList<(int Choice, int Width)> axis, long channels, double beta)
    {
        var kept = Kept(axis, channels);
        foreach (var (choice, width) in axis)
        {
            if (!groups.TryGetValue(choice, out var group)) continue;
            var signals = gates.Signals(group);
            for (var c = 0; c < signals.Length; c++) gates.Add(group, c, beta * width * Stays(signals[c]) * (1 - Stays(signals[c])) / (channels * kept));
        }
    }

    private static double Stays(double signal) => 1 / (1 + Math.Exp(-signal));
}
