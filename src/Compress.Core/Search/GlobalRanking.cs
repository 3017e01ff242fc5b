using Compress.Analysis;
using Compress.Graph;
using Compress.Plan;
using Compress.Search.Solvers;

namespace Compress.Search;

/// <summary>
/// Pruning by one sort of all channels (PIC-PQ, after LeGR): scores of layers that make the same channels are summed, the lowest go first, and the costs are
/// looked at after every tenth. What a layer loses of its weight mass says its bits.
/// </summary>
public sealed class GlobalRanking
{
    private const int RemovalsBetweenChecks = 10;
    private const int LeastWeightBits = 2, LeastActivationBits = 4;

    private readonly ChoiceSpace space;
    private readonly List<(ChannelGroup Group, int Choice, double[][] Properties, int FirstLayer)> groups = [];
    private readonly List<double[]> properties = [];

    /// <param name="property">The filter property of the channels that a layer of a group makes.</param>
    public GlobalRanking(ChoiceSpace space, Func<GroupLayer, double[]> property)
    {
        this.space = space;
        foreach (var group in space.Context.Facts.Groups.Open.Where(group => space.Groups.ContainsKey(group.Id)))
        {
            double[][] own = [.. group.Producers.Select(property)];
            groups.Add((group, space.Groups[group.Id], own, properties.Count));
            properties.AddRange(own);
        }
    }

    /// <summary>For each layer that makes channels, the standard deviation of their property.</summary>
    public double[] Deviations => [.. properties.Select(own => Math.Sqrt(own.Average(p => Math.Pow(p - own.Average(), 2))))];

    /// <summary>The first point of the sort at which the limits hold; the last one when they hold nowhere.</summary>
    /// <param name="lowered">Bits by which the published maxima are lowered.</param>
    public Proposal Prune(AffineCriterion criterion, ChoiceProblem problem, int lowered)
    {
        var scores = groups.Select(entry => Score(entry.Properties, entry.FirstLayer, criterion)).ToList();
        var sorted = groups.SelectMany((_, g) => Enumerable.Range(0, scores[g].Length).Select(channel => (Group: g, Channel: channel))).OrderBy(item => scores[item.Group][item.Channel]).ToList();
        var (removed, masses) = (new int[groups.Count], Masses());
        var options = Options(problem, removed, masses, lowered);
        var taken = 0;
        foreach (var (g, channel) in sorted)
        {
            if (taken % RemovalsBetweenChecks == 0 && BudgetWall.Fits(problem, options = Options(problem, removed, masses, lowered))) break;
            if (removed[g] >= problem.Choices[groups[g].Choice].Values[^1]) continue;
            removed[g]++;
            taken++;
            foreach (var slices in groups[g].Group.Constants)
                if (masses.TryGetValue(slices.Value, out var mass)) mass.Remove(slices.Axis, slices.Indices[channel]);
        }
        options = Options(problem, removed, masses, lowered);
        return new Proposal(options)
        {
            Orders = groups.Select((entry, g) => (entry.Group.Id, Order: Enumerable.Range(0, scores[g].Length).OrderBy(channel => scores[g][channel]).ToArray())).ToDictionary(entry => entry.Id, entry => entry.Order, StringComparer.Ordinal),
        };
    }

    private static double[] Score(double[][] properties, int firstLayer, AffineCriterion criterion) =>
        [.. Enumerable.Range(0, properties[0].Length).Select(channel => properties.Select((own, p) => (criterion.Scale[firstLayer + p] * own[channel]) + criterion.Shift[firstLayer + p]).Sum())];

    private int[] Options(ChoiceProblem problem, int[] removed, Dictionary<string, RetainedMass> masses, int lowered)
    {
        var options = new int[problem.Choices.Count];
        for (var g = 0; g < groups.Count; g++) options[groups[g].Choice] = Array.FindLastIndex(problem.Choices[groups[g].Choice].Values, value => value <= removed[g]);
        var (layers, published) = (space.Context.Facts.Layers, space.Context.Policy.PicPq);
        var read = new Dictionary<int, int>();
        for (var i = 0; i < layers.Count; i++)
        {
            var bits = SparsityDrivenBits.Of(SparsityDrivenBits.Most(i, layers.Count, published.MostBits, lowered), masses[layers[i].Weight].Share, LeastWeightBits, published.Penalty);
            if (space.Weights.TryGetValue(layers[i].Name, out var weight)) options[weight] = ChoiceSpace.Nearest(problem.Choices[weight], bits);
            var term = problem.Layers.FirstOrDefault(layer => layer.Shape.Name == layers[i].Name);
            if (term is { Activation: >= 0 }) read[term.Activation] = Math.Max(read.GetValueOrDefault(term.Activation, LeastActivationBits), bits);
        }
        foreach (var (choice, bits) in read) options[choice] = ChoiceSpace.Nearest(problem.Choices[choice], bits);
        return options;
    }

    private Dictionary<string, RetainedMass> Masses() =>
        space.Context.Facts.Layers.ToDictionary(layer => layer.Weight, layer => new RetainedMass(space.Context.Facts.Model.Graph.Constants[layer.Weight]), StringComparer.Ordinal);

    /// <summary>Σ|w| of a weight tensor while positions of its first two axes leave.</summary>
    private sealed class RetainedMass
    {
        private readonly double[] mass;
        private readonly bool[] firstGone, secondGone;
        private readonly double whole;
        private double kept;

        public RetainedMass(Tensor weight)
        {
            var (first, second) = ((int)weight.Dims[0], (int)weight.Dims[1]);
            var (values, block) = (weight.Floats(), (int)(weight.Count / first / second));
            (mass, firstGone, secondGone) = (new double[first * second], new bool[first], new bool[second]);
            for (var i = 0; i < values.Length; i++) mass[i / block] += Math.Abs(values[i]);
            whole = kept = mass.Sum();
        }

        public double Share => firstGone.Contains(true) || secondGone.Contains(true) ? kept / Math.Max(whole, 1e-30) : 1;

        public void Remove(int axis, int[] positions)
        {
            if (axis > 1) return;
            var (own, other) = axis == 0 ? (firstGone, secondGone) : (secondGone, firstGone);
            foreach (var position in positions)
            {
                if (own[position]) continue;
                own[position] = true;
                for (var i = 0; i < other.Length; i++)
                    if (!other[i]) kept -= axis == 0 ? mass[(position * secondGone.Length) + i] : mass[(i * secondGone.Length) + position];
            }
        }
    }
}
