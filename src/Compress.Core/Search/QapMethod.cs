using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Plan;
using Compress.Search.Solvers;
using Compress.Search.Trained;

namespace Compress.Search;

/// <summary>
/// Quantization-aware pruning (UVNQ) after training: weights stay, only their dropout rates α are optimised, against a loss expanded to second order
/// (<see cref="DropoutRate"/>). One α an output channel, shared by all that live and die with it; a channel goes when α is above the noise of 0 bits, else
/// α says its bits. The weight of the prior, ω / N_d, is the one knob: bisection until the budget holds. Activations, float in the paper, get an α each in
/// the same way, from their measured damage. The published bound on α (<see cref="DropoutRate.Bound"/>) keeps training from wasting precision; bits read off
/// a given α are the same with any bound of at least the widest bits. A layer's weights are stored with the bits of each
/// channel or, where that does less damage, with their mean. With training the rates are learned ones (<see cref="VariationalTraining"/>).
/// </summary>
public sealed class QapMethod : ProposingMethod
{
    private const int Bisections = 50;

    /// <summary>ln of the least and the largest weight of the prior.</summary>
    private const double Least = -40, Most = 40;

    private readonly LearnedNoise? learned;

    public QapMethod()
    {
    }

    internal QapMethod(LearnedNoise learned) => this.learned = learned;

    protected override Sensitivity Ordered(SearchContext context, Sensitivity sensitivity)
    {
        var fisher = new LabelFreeFisher(context, sensitivity);
        double[] Saliency(ChannelGroup group) => learned?.Saliency(group, context.Facts.Model.Graph) ?? fisher.Saliency(group);
        return sensitivity with
        {
            Channels = sensitivity.Channels.Keys.ToDictionary(id => id, id => Order(Saliency(context.Facts.Groups.Open.First(group => group.Id == id))), StringComparer.Ordinal),
        };
    }

    /// <summary>α is about 1/s, so bits are half the logarithm of s, as the noise s · 4^−b asks for.</summary>
    protected override IReadOnlyDictionary<string, double[]> ChannelNoise(ChoiceSpace space) =>
        Rates.Of(space, learned).Layers.ToDictionary(layer => layer.Key, layer => layer.Value.Select(row => row.Saliency).ToArray(), StringComparer.Ordinal);

    protected override IReadOnlyList<Proposal> Propose(ChoiceSpace space, IReadOnlyDictionary<Resource, double> limits)
    {
        var (problem, rates) = (space.Problem(limits), Rates.Of(space, learned));
        var (low, high) = (Least, Most);
        for (var i = 0; i < Bisections; i++)
        {
            var middle = (low + high) / 2;
            if (BudgetWall.Fits(problem, Options(space, problem, rates, Math.Exp(middle)))) high = middle;
            else low = middle;
        }
        int[] At(double log) => Options(space, problem, rates, Math.Exp(log));
        return [new Proposal(learned is null ? At(high) : BudgetWall.Loosen(problem, At(high), At(low)))];
    }

    /// <param name="prior">ω / N_d.</param>
    private int[] Options(ChoiceSpace space, ChoiceProblem problem, Rates rates, double prior)
    {
        int Bits(double saliency, int most) => DropoutRate.Bits(learned is null ? DropoutRate.Best(saliency / prior) : prior / saliency, most);
        var options = new int[problem.Choices.Count];
        var gone = new Dictionary<string, HashSet<int>>(StringComparer.Ordinal);
        foreach (var (id, choice) in space.Groups)
        {
            // Equal order: the least salient have the largest α.
            var removed = rates.Groups[id].Count(saliency => Bits(saliency, 8) == 0);
            options[choice] = Array.FindLastIndex(problem.Choices[choice].Values, value => value <= removed);
            gone[id] = [.. space.Sensitivity.Channels[id].Order.Take(problem.Choices[choice].Values[options[choice]])];
        }
        foreach (var (layer, choice) in space.Weights)
        {
            var most = problem.Choices[choice].Values[0];
            var bits = rates.Layers[layer].Where(row => row.Group is null || !gone[row.Group].Contains(row.Channel)).Select(row => Bits(row.Saliency, most)).DefaultIfEmpty(most);
            options[choice] = ChoiceSpace.Nearest(problem.Choices[choice], bits.Average());
        }
        foreach (var (value, choice) in space.Activations)
        {
            var most = problem.Choices[choice].Values[0];
            options[choice] = ChoiceSpace.Nearest(problem.Choices[choice], DropoutRate.Bits(DropoutRate.Best(rates.Activations[value] / (prior * (learned?.Prior ?? 1))), most));
        }
        return options;
    }

    private static Elimination Order(double[] saliency)
    {
        int[] order = [.. Enumerable.Range(0, saliency.Length).OrderBy(channel => saliency[channel]).ThenBy(channel => channel).SkipLast(1)];
        double total = 0;
        return new Elimination(order, [.. order.Select(channel => total += saliency[channel] / 2)]);
    }

    /// <summary>Mean Hθ² a weight, or what was learned instead: of the channels of each group, of the rows of each layer; and what stands for it at each activation.</summary>
    private sealed record Rates(Dictionary<string, double[]> Groups, Dictionary<string, IReadOnlyList<(double Saliency, string? Group, int Channel)>> Layers, Dictionary<string, double> Activations)
    {
        public static Rates Of(ChoiceSpace space, LearnedNoise? learned)
        {
            var facts = space.Context.Facts;
            var fisher = new LabelFreeFisher(space.Context, space.Sensitivity);
            var groups = facts.Groups.Open.Where(group => space.Groups.ContainsKey(group.Id)).ToList();
            var means = groups.ToDictionary(group => group.Id, group => learned?.Saliency(group, facts.Model.Graph) ?? Mean(group, facts, fisher.Saliency(group)), StringComparer.Ordinal);
            var layers = facts.Layers.ToDictionary(layer => layer.Name, layer => Rows(layer, fisher, learned, groups, means), StringComparer.Ordinal);
            return new Rates(means, layers, space.Activations.Keys.ToDictionary(value => value, value => OfActivation(space, value), StringComparer.Ordinal));
        }

        private static double[] Mean(ChannelGroup group, ModelFacts facts, double[] sums)
        {
            var weights = group.Producers.Sum(producer => facts.Model.Graph.Constants[producer.Weight.Value] is var w ? (double)w.Count / w.Dims[producer.Weight.Axis] * producer.Weight.Indices[0].Length : 0);
            return Array.ConvertAll(sums, sum => sum / weights);
        }

        private static IReadOnlyList<(double, string?, int)> Rows(Layer layer, LabelFreeFisher fisher, LearnedNoise? learned, List<ChannelGroup> groups, Dictionary<string, double[]> means)
        {
            var tensor = fisher.Saliency(layer.Name);
            var (axis, count) = (WeightMatrix.ScaleAxis(layer), (int)tensor.Dims[WeightMatrix.ScaleAxis(layer)]);
            var own = learned?.Saliency(layer.Name, count)
                ?? Array.ConvertAll(WeightSums.Of(tensor, new AxisSlices(layer.Weight, axis, [.. Enumerable.Range(0, count).Select(i => new[] { i })]), value => value), sum => sum * count / tensor.Count);
            var rows = own.Select(saliency => (Saliency: saliency, Group: (string?)null, Channel: -1)).ToArray();
            foreach (var group in groups)
                foreach (var producer in group.Producers.Where(producer => producer.Layer == layer.Name && producer.Weight.Axis == axis))
                    for (var c = 0; c < group.Channels; c++)
                        foreach (var position in producer.Weight.Indices[c]) rows[position] = (means[group.Id][c], group.Id, c);
            return rows;
        }

        /// <summary>
        /// The damage D of b bits is ½·s·α_b for each of the weights that the activation meets. Damage of the fewest bits, which is the surest to be felt.
        /// </summary>
        private static double OfActivation(ChoiceSpace space, string value)
        {
            var (bits, damage) = space.Sensitivity.Activations[value].MinBy(entry => entry.Key);
            var problem = space.Problem(new Dictionary<Resource, double>());
            var weights = problem.Layers.Where(layer => layer.Activation == space.Activations[value]).Sum(layer => layer.Shape.Weights);
            return 2 * damage * Math.Pow(4, bits) / DropoutRate.Threshold / Math.Max(1, weights);
        }
    }
}
