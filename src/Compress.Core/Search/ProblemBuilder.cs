using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Plan;
using Compress.Policy;

namespace Compress.Search;

/// <summary>States the choices of a model as a <see cref="ChoiceProblem"/>, and reads a solution back as a plan.</summary>
public sealed class ProblemBuilder
{
    private readonly SearchContext context;
    private readonly CompressionPlan start;
    private readonly List<Choice> choices = [];
    private readonly Dictionary<string, int> weights = [], activations = [], groups = [];
    private readonly Sensitivity sensitivity;
    private readonly Placement placement;
    private readonly int channelSteps;
    private readonly LatencyCosts latency;
    private readonly IReadOnlyList<LayerShape> shapes;

    /// <param name="channelWeight">How much the computed damage of pruning counts against the measured one of rounding.</param>
    /// <param name="activationWeight">The same for activations.</param>
    /// <param name="channelSteps">In how many steps a group may shrink at most; there are never more than it has channels.</param>
    public ProblemBuilder(SearchContext context, Sensitivity sensitivity, double channelWeight, double activationWeight, int channelSteps = 16)
    {
        (this.context, this.sensitivity, this.channelSteps) = (context, sensitivity, channelSteps);
        start = UniformPlan.Of(context, 8, context.Policy.Quantize.Activations.DefaultIfEmpty(8).Max());
        latency = new LatencyCosts(context);
        var pruned = PrunedModel.Of(context.Facts, start.Cuts);
        placement = PlanApplier.Place(pruned, start);
        shapes = start.Cuts.IsEmpty ? context.LayerShapes : Costs.Layers(pruned.Model, pruned.Shapes);
        AddWeights();
        AddActivations(activationWeight);
        AddGroups(channelWeight);
    }

    /// <summary>Layer name → index of the choice of its weights' bits.</summary>
    public IReadOnlyDictionary<string, int> Weights => weights;

    /// <summary>Value that names a grid → index of the choice of its bits.</summary>
    public IReadOnlyDictionary<string, int> Activations => activations;

    /// <summary>Group id → index of the choice of how many channels go.</summary>
    public IReadOnlyDictionary<string, int> Groups => groups;

    public ChoiceProblem Build(IReadOnlyDictionary<Resource, double> limits, double fixedBytes)
    {
        var problem = new ChoiceProblem(choices, [.. shapes.Select(Term)], limits, fixedBytes);
        return limits.ContainsKey(Resource.Latency) ? latency.With(problem) : problem;
    }

    public CompressionPlan Plan(int[] options)
    {
        var layers = start.Layers.ToBuilder();
        foreach (var (name, choice) in weights) layers[name] = layers[name] with { Bits = choices[choice].Values[options[choice]] };
        var bits = start.ActivationBits.ToBuilder();
        foreach (var (value, choice) in activations) bits[value] = choices[choice].Values[options[choice]];
        var cuts = groups.Where(entry => options[entry.Value] > 0).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry =>
        {
            var group = context.Facts.Groups.Open.First(group => group.Id == entry.Key);
            return new ChannelCut(group.Id, sensitivity.Channels[group.Id].Kept(choices[entry.Value].Values[options[entry.Value]], group.Channels));
        });
        return start with { Layers = layers.ToImmutable(), ActivationBits = bits.ToImmutable(), Cuts = [.. start.Cuts, .. cuts] };
    }

    /// <summary>The options that come nearest to a plan, in bits and in numbers of channels; those of a plan of this builder exactly.</summary>
    public int[] Options(CompressionPlan plan)
    {
        var options = new int[choices.Count];
        foreach (var (name, choice) in weights) options[choice] = ChoiceSpace.Nearest(choices[choice], plan.Layers[name].Bits);
        foreach (var (value, choice) in activations) options[choice] = ChoiceSpace.Nearest(choices[choice], plan.ActivationBits[value]);
        foreach (var cut in plan.Cuts)
            if (groups.TryGetValue(cut.Group, out var choice)) options[choice] = ChoiceSpace.Nearest(choices[choice], context.Facts.Groups.Open.First(group => group.Id == cut.Group).Channels - cut.Kept.Count);
        return options;
    }

    private void AddWeights()
    {
        for (var i = 0; i < context.Facts.Layers.Count; i++)
        {
            var name = context.Facts.Layers[i].Name;
            if (!start.Layers[name].IsCompressed || context.Rules[i]?.Weights is not null || (context.Policy.Quantize.Weights.Count == 1 && context.IsBorder(i))) continue;
            int[] allowed = context.Policy.Quantize.Weights is { Count: > 0 } list ? [.. list.OrderDescending()] : [.. Sensitivity.WeightBits.Where(bits => !start.Plain || bits != QuantizePolicy.Ternary)];
            weights[name] = choices.Count;
            choices.Add(new Choice(name, allowed, [.. allowed.Select(bits => sensitivity.Weights[name][bits])]));
        }
    }

    private void AddActivations(double factor)
    {
        foreach (var (value, damage) in sensitivity.Activations.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (!placement.Grids.Contains(value) || start.DynamicRanges.Contains(value) || IsGiven(value)) continue;
            var allowed = AllowedBits(value);
            activations[value] = choices.Count;
            choices.Add(new Choice(value, allowed, [.. allowed.Select(bits => damage.GetValueOrDefault(bits) * factor)]));
        }
    }

    /// <summary>Whether a rule gives an activation its bits. An input has those that it came with where there are no bit operations to be saved.</summary>
    private bool IsGiven(string value) =>
        (context.Facts.Model.Graph.IsInput(value) && context.Policy.Budget?.Bops is null)
        || context.Facts.Layers.Where((layer, i) => context.Rules[i]?.Activations is not null && placement.Grid.GetValueOrDefault(layer.Input) == value).Any();

    /// <summary>Most bits first. An input may keep 8 where the policy lists fewer: that is not what is listed for what layers give.</summary>
    private int[] AllowedBits(string value)
    {
        if (context.Policy.Quantize.Activations is not { Count: > 0 } list) return Sensitivity.ActivationBits;
        return [.. (context.Facts.Model.Graph.IsInput(value) ? list.Append(Math.Max(8, list.Min())).Distinct() : list).OrderDescending()];
    }

    private void AddGroups(double factor)
    {
        if (double.IsPositiveInfinity(factor)) return;
        foreach (var group in Prunable.Free(context))
        {
            if (!sensitivity.Channels.TryGetValue(group.Id, out var elimination)) continue;
            int[] removed = [.. Prunable.Options(context, group, channelSteps).Where(count => double.IsFinite(elimination.CostOf(count)))];
            groups[group.Id] = choices.Count;
            choices.Add(new Choice(group.Id, removed, [.. removed.Select(count => elimination.CostOf(count) * factor)]));
        }
    }

    private LayerTerm Term(LayerShape shape)
    {
        var layer = context.Facts.Layers.FirstOrDefault(layer => layer.Name == shape.Name);
        var fixedBits = PlanCosts.Bits(shape, start, placement);
        var root = placement.Grid.GetValueOrDefault(shape.Input, "");
        var (reads, writes) = layer is null ? ([], []) : Axes(layer);
        return new LayerTerm(shape, weights.GetValueOrDefault(shape.Name, -1), (int)fixedBits.Weights, fixedBits.Input < 32 ? activations.GetValueOrDefault(root, -1) : -1, (int)fixedBits.Input, reads, writes);
    }

    /// <summary>The groups that a layer's two axes follow.</summary>
    private (List<(int, int)> In, List<(int, int)> Out) Axes(Layer layer)
    {
        var (reads, writes) = (new List<(int, int)>(), new List<(int, int)>());
        var outAxis = WeightMatrix.ScaleAxis(layer);
        foreach (var (id, choice) in groups)
            foreach (var slices in context.Facts.Groups.Open.First(group => group.Id == id).Constants.Where(slices => slices.Value == layer.Weight))
                (slices.Axis == outAxis ? writes : reads).Add((choice, slices.Indices[0].Length));
        // A depthwise filter has one axis of channels, which is both; several outputs may come from one input.
        if (layer.IsDepthwise(context.Facts.Model.Graph))
        {
            var outputs = (int)(context.Facts.Model.Graph.Constants[layer.Weight].Dims[outAxis] / layer.Group);
            reads = [.. writes.Select(axis => (axis.Item1, axis.Item2 / outputs))];
        }
        return (reads, writes);
    }
}
