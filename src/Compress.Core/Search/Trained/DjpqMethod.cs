using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Search.Solvers;
using Compress.Training;

namespace Compress.Search.Trained;

/// <summary>
/// Differentiable joint pruning and quantization (DJPQ, 2007.10463): half of the time trains gates on channels and the ranges and steps of all grids together with the
/// weights, under the pressure of what the layers cost (<see cref="JointLearning"/>). Channels and bits are read off that; the budget is held by one shift of all of
/// them, a bit being worth a factor of four in a channel's signal. The second half trains the plan. Nothing is measured choice by choice.
/// </summary>
internal sealed class DjpqMethod : ITrainedForm
{
    private const double Joint = 0.5, Penalty = 1e-4, LargestShift = 12;

    private const int Bisections = 40;

    public TrainedPlan Run(TrainingCourse course)
    {
        var (context, start) = AutoMethod.Arithmetic(Prunable.WithFixedCuts(course.Search));
        var limits = context.Policy.Budget is null ? [] : AutoMethod.Limits(context);
        var space = new ChoiceSpace(context, Unmeasured(context), start);
        Part? part = null;
        var learned = course.LearnFloat("gates, grids and weights together", context, [], Joint, layers => (part = Parts(context, space, limits, layers)).Learning);

        context = course.From(Folded(context.Facts, learned, part!.Gates)) with { FloatOperators = context.FloatOperators, FloatLayers = context.FloatLayers, UntouchedLayers = context.UntouchedLayers, Cuts = context.Cuts };
        start = context.Build(UniformPlan.Of(context, context.Policy.Quantize.Weights.DefaultIfEmpty(8).Max(), context.Policy.Quantize.Activations.DefaultIfEmpty(8).Max()));
        space = new ChoiceSpace(context, Unmeasured(context), start);
        Candidate Within(Dictionary<Resource, double> within) => space.Best([Proposal(space, part, within)], within);
        var found = context.Policy.Budget is null && context.IsGated ? GateBisection.Smallest(context, start, Within) : Within(limits);
        return new TrainedPlan(null, found.Plan, course.Learn("the plan", context, found, 1 - Joint));
    }

    /// <summary>No choice does any damage that is known; channels go in any order.</summary>
    internal static Sensitivity Unmeasured(SearchContext context)
    {
        static IReadOnlyDictionary<int, double> None(int[] bits) => bits.ToDictionary(width => width, _ => 0.0);
        var facts = context.Facts;
        return new Sensitivity(
            facts.Layers.ToDictionary(layer => layer.Name, _ => None(Sensitivity.WeightBits), StringComparer.Ordinal),
            facts.Histograms.Keys.Where(value => !facts.Model.Graph.IsInput(value)).ToDictionary(value => value, _ => None(Sensitivity.ActivationBits), StringComparer.Ordinal),
            context.Policy.Prune.Enabled == false ? new Dictionary<string, Elimination>()
                : Prunable.Free(context).ToDictionary(group => group.Id, group => new Elimination([.. Enumerable.Range(0, group.Channels - 1)], new double[group.Channels - 1]), StringComparer.Ordinal));
    }

    internal static Part Parts(SearchContext context, ChoiceSpace space, Dictionary<Resource, double> limits, IReadOnlyList<LearnedLayer> layers)
    {
        var (facts, problem) = (context.Facts, space.Problem(limits));
        var plan = UniformPlan.Of(context, 8, 8);
        var gates = new ChannelGates(facts.Groups.Open.Where(group => space.Groups.ContainsKey(group.Id)), facts.Shapes, Penalty);
        var weights = space.Weights.ToDictionary(entry => entry.Value, entry => new WeightRange(layers.First(layer => layer.Layer.Name == entry.Key), Least(problem, entry.Value), Most(problem, entry.Value)));
        var activations = space.Activations.ToDictionary(entry => entry.Value, entry => new ActivationRange(entry.Key, RangeSearch.Choose(facts.Histograms[entry.Key], Most(problem, entry.Value), plan.Range), Least(problem, entry.Value)));
        var (resource, share) = Target(problem);
        var learning = new JointLearning(gates, weights, activations, space.Groups.ToDictionary(entry => entry.Value, entry => entry.Key), problem, resource, share);
        return new Part(gates, weights.ToDictionary(entry => entry.Key, entry => entry.Value.Range), activations.ToDictionary(entry => entry.Key, entry => entry.Value.Range), learning);
    }

    private static double Least(ChoiceProblem problem, int choice) => Math.Clamp(problem.Choices[choice].Values.Min(), 2, 16);

    private static int Most(ChoiceProblem problem, int choice) => Math.Min(16, problem.Choices[choice].Values.Max());

    /// <summary>What is bounded, and the share of it that is left of the widest bits and all channels; without a budget the published 53 times fewer bit operations than in float.</summary>
    private static (Resource Resource, double Share) Target(ChoiceProblem problem)
    {
        foreach (var resource in (Resource[])[Resource.Bops, Resource.Size, Resource.Macs])
            if (problem.Limits.TryGetValue(resource, out var limit)) return (resource, Math.Clamp((limit - (resource == Resource.Size ? problem.Fixed : 0)) / Weighed(problem, resource), 1e-3, 1));
        return (Resource.Bops, 16 / 53.0);
    }

    private static double Weighed(ChoiceProblem problem, Resource resource) => problem.Cost(resource, new int[problem.Choices.Count]) - (resource == Resource.Size ? problem.Fixed : 0);

    /// <summary>The weights that read a gated channel take its mean over.</summary>
    private static Learned Folded(ModelFacts facts, Learned learned, ChannelGates gates)
    {
        var exact = new Dictionary<string, Tensor>(learned.Exact, StringComparer.Ordinal);
        foreach (var group in facts.Groups.Open.Where(group => gates.Has(group.Id)))
            foreach (var reader in group.Consumers)
                exact[reader.Layer] = TensorSlices.Scale(exact[reader.Layer], reader.Weight.Axis, reader.Weight.Indices, gates.Means(group.Id));
        return learned with { Exact = exact };
    }

    /// <summary>What was learned, shifted by as much as the limits ask for.</summary>
    private static Proposal Proposal(ChoiceSpace space, Part part, Dictionary<Resource, double> limits)
    {
        var problem = space.Problem(limits);
        var orders = space.Groups.Keys.Where(part.Gates.Has).ToDictionary(id => id, id => Order(part.Gates.Signals(id)), StringComparer.Ordinal);
        int[] Options(double shift)
        {
            var options = new int[problem.Choices.Count];
            foreach (var (choice, range) in part.Weights.Concat(part.Activations)) options[choice] = ChoiceSpace.Nearest(problem.Choices[choice], range.Bits - shift);
            foreach (var (id, choice) in space.Groups)
                if (part.Gates.Has(id)) options[choice] = ChoiceSpace.Nearest(problem.Choices[choice], part.Gates.Signals(id).Count(signal => signal < shift * Math.Log(4)));
            return options;
        }
        var (low, high) = (-LargestShift, LargestShift);
        for (var i = 0; limits.Count > 0 && i < Bisections; i++)
        {
            var middle = (low + high) / 2;
            if (BudgetWall.Fits(problem, Options(middle))) high = middle;
            else low = middle;
        }
        return new Proposal(limits.Count > 0 ? BudgetWall.Loosen(problem, Options(high), Options(low)) : Options(0)) { Orders = orders };
    }

    private static int[] Order(double[] signals) => [.. Enumerable.Range(0, signals.Length).OrderBy(channel => signals[channel]).ThenBy(channel => channel)];

    /// <summary>What is trained, the ranges by their choices.</summary>
    internal sealed record Part(ChannelGates Gates, IReadOnlyDictionary<int, LearnedRange> Weights, IReadOnlyDictionary<int, LearnedRange> Activations, JointLearning Learning);
}
