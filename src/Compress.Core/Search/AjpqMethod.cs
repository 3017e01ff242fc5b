using Compress.Analysis;
using Compress.Analysis.Importance;
using Compress.Plan;
using Compress.Search.Solvers;

namespace Compress.Search;

/// <summary>
/// Automated joint pruning and quantization (AJPQ): removing a channel is giving it 0 bits. A layer controller says how much of each channel group stays
/// and the mean bits of each layer and activation, a channel controller which channels go and how the bits spread over the others
/// (<see cref="WaterFilling"/>), both by the same importance, the saliency of <see cref="LabelFreeFisher"/>. One number of bits in the policy's list is the
/// fixed-precision mode, several the mixed one. The layer controller's actions pass AMC's wall, so the budget holds in every episode; they are learned from
/// a few seeds by reinforcement (<see cref="DeterministicPolicyGradient"/>) or, with fewer computations, by the cross-entropy method, with the negative of
/// computed and measured damage as reward, and the results carried out, once with the channels' own bits and once with their mean for all of them.
/// </summary>
/// <param name="byReinforcement">Actor and critic instead of the cross-entropy method.</param>
/// <param name="seeds">Seeds whose results are carried out; null: as many as time allows for a search of its own.</param>
public sealed class AjpqMethod(bool byReinforcement = false, int? seeds = null) : ProposingMethod
{
    /// <summary>Share of a group that always stays (AMC's lower bound).</summary>
    private const double LeastKept = 0.2;

    private readonly int runs = seeds ?? (byReinforcement ? 2 : 4);

    protected override Sensitivity Ordered(SearchContext context, Sensitivity sensitivity)
    {
        var fisher = new LabelFreeFisher(context, sensitivity);
        return sensitivity with
        {
            Channels = sensitivity.Channels.Keys.ToDictionary(id => id, id =>
            {
                var importance = fisher.Saliency(context.Facts.Groups.Open.First(group => group.Id == id));
                return ChannelElimination.Along([.. Enumerable.Range(0, importance.Length).OrderBy(channel => importance[channel]).ThenBy(channel => channel)], sensitivity.Readers[id], context.Cancellation);
            }, StringComparer.Ordinal),
        };
    }

    protected override IReadOnlyList<Proposal> Propose(ChoiceSpace space, IReadOnlyDictionary<Resource, double> limits)
    {
        var problem = space.Problem(limits);
        var order = space.InGraphOrder(problem);
        var decode = Decoders(space, problem);
        double[] Actions(int run) => byReinforcement ? Reinforced(space, problem, order, decode, run)
            : CrossEntropy.Best(problem.Choices.Count, actions => -problem.Damage(Options(actions)), space.Context.Policy.Seed + run, space.Context.Course.Part(run, runs));
        int[] Options(double[] actions) => BudgetWall.Clip(problem, [.. actions.Select((action, choice) => decode[choice](action))], order);
        return
        [
            .. Enumerable.Range(0, runs)
                .Select(run => Options(Actions(run)))
                .DistinctBy(options => string.Join(' ', options)).OrderBy(problem.Damage).Select(options => new Proposal(options)),
        ];
    }

    protected override IReadOnlyDictionary<string, double[]> ChannelNoise(ChoiceSpace space) => ChannelNoise(space.Context, space.Sensitivity);

    /// <summary>Layer name → for each output channel the information of an error in its weights times their squared range.</summary>
    internal static IReadOnlyDictionary<string, double[]> ChannelNoise(SearchContext context, Sensitivity sensitivity)
    {
        var (facts, fisher) = (context.Facts, new LabelFreeFisher(context, sensitivity));
        return facts.Layers.ToDictionary(layer => layer.Name, layer => Rows(layer, facts, fisher) is var (importance, range) ? [.. importance.Zip(range, (i, r) => i * r * r)] : Array.Empty<double>(), StringComparer.Ordinal);
    }

    /// <summary>Actions by choice, as the cross-entropy method gives them.</summary>
    private double[] Reinforced(ChoiceSpace space, ChoiceProblem problem, int[] order, Func<double, int>[] decode, int run)
    {
        var (found, _) = DeterministicPolicyGradient.Run(new ChoiceEpisode(problem, order, decode), space.Context.Policy.Seed + run, space.Context.Course.Part(run, runs));
        var actions = new double[order.Length];
        for (var i = 0; i < order.Length; i++) actions[order[i]] = found[i];
        return actions;
    }

    /// <summary>For each choice, the option that an action from 0 to 1 stands for; more is kept as the action grows.</summary>
    private static Func<double, int>[] Decoders(ChoiceSpace space, ChoiceProblem problem)
    {
        var decoders = new Func<double, int>[problem.Choices.Count];
        var (facts, fisher) = (space.Context.Facts, new LabelFreeFisher(space.Context, space.Sensitivity));
        foreach (var group in facts.Groups.Open.Where(group => space.Groups.ContainsKey(group.Id)))
            decoders[space.Groups[group.Id]] = action => ChoiceSpace.Nearest(problem.Choices[space.Groups[group.Id]], (1 - LeastKept) * (1 - action) * group.Channels);
        foreach (var choice in space.Activations.Values)
            decoders[choice] = action => ChoiceSpace.Nearest(problem.Choices[choice], Between(problem.Choices[choice], action));
        foreach (var layer in facts.Layers.Where(layer => space.Weights.ContainsKey(layer.Name)))
        {
            var choice = problem.Choices[space.Weights[layer.Name]];
            var spread = Spread(layer, facts, fisher, choice);
            decoders[space.Weights[layer.Name]] = layer == facts.Layers[0] || layer == facts.Layers[^1] ? _ => 0 : action => spread(Between(choice, action));
        }
        return decoders;
    }

    /// <summary>The channel controller: what the channels' bits around a mean come to for the layer, as an option.</summary>
    private static Func<double, int> Spread(Layer layer, ModelFacts facts, LabelFreeFisher fisher, Choice choice)
    {
        var (importance, range) = Rows(layer, facts, fisher);
        var (least, most) = (choice.Values[^1], choice.Values[0]);
        return mean => ChoiceSpace.Nearest(choice, WaterFilling.Bits(mean, importance, range, least, most).Average());
    }

    /// <summary>
    /// Of a layer's output channels: the Fisher information of an error in their weights, in units of its mean, and half the range of a uniform distribution
    /// with the weights' variance. (The saliency F w² would count the range twice.)
    /// </summary>
    private static (double[] Importance, double[] Range) Rows(Layer layer, ModelFacts facts, LabelFreeFisher fisher)
    {
        var matrix = WeightMatrix.Of(layer, facts.Model.Graph.Constants[layer.Weight]);
        var (axis, channels) = (WeightMatrix.ScaleAxis(layer), (int)facts.Model.Graph.Constants[layer.Weight].Dims[WeightMatrix.ScaleAxis(layer)]);
        var rows = new AxisSlices(layer.Weight, axis, [.. Enumerable.Range(0, channels).Select(i => new[] { i })]);
        var saliency = WeightSums.Of(fisher.Saliency(layer.Name), rows, value => value);
        var energy = WeightSums.Of(facts.Model.Graph.Constants[layer.Weight], rows, w => w * w);
        double[] information = [.. saliency.Zip(energy, (s, e) => e > 0 ? s / e : 0)];
        var mean = Math.Max(information.Average(), 1e-30);
        var block = matrix.Values.Length / channels;
        return (Array.ConvertAll(information, value => value / mean), Array.ConvertAll(energy, sum => Math.Sqrt(3 * sum / block)));
    }

    private static double Between(Choice choice, double action) => choice.Values[^1] + (action * (choice.Values[0] - choice.Values[^1]));
}
