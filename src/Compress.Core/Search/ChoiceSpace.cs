using Compress.Plan;
using Compress.Search.Solvers;

namespace Compress.Search;

/// <summary>What a method proposes: an option of every choice of a <see cref="ChoiceProblem"/>.</summary>
public sealed record Proposal(int[] Options)
{
    /// <summary>Group id → the order in which its channels go, where it is not that of the space.</summary>
    public IReadOnlyDictionary<string, int[]> Orders { get; init; } = new Dictionary<string, int[]>();
}

/// <summary>
/// All choices of a model at their exact costs: one number of bits a layer and an activation, any number of channels a group. Proposals are costed as pure
/// numbers; a few are carried out on a part of the samples and judged on the rest, and the best of them on all.
/// </summary>
public sealed class ChoiceSpace
{
    /// <summary>Proposals that are carried out to be compared.</summary>
    public const int Finalists = 8;

    private const int Repairs = 4;

    private readonly ProblemBuilder builder;
    private double fixedBytes;

    /// <param name="sensitivity">Its channels say in which order a group's channels go.</param>
    /// <param name="start">A candidate with 8 bits everywhere: what its file takes beyond its weights is taken to be the same for all.</param>
    public ChoiceSpace(SearchContext context, Sensitivity sensitivity, Candidate start)
    {
        (Context, Sensitivity) = (context, sensitivity);
        builder = new ProblemBuilder(context, sensitivity, 1, 1, int.MaxValue);
        var problem = Problem(new Dictionary<Resource, double>());
        fixedBytes = Math.Max(0, start.Size - problem.Cost(Resource.Size, new int[problem.Choices.Count]));
    }

    public SearchContext Context { get; }

    public Sensitivity Sensitivity { get; }

    /// <inheritdoc cref="ProblemBuilder.Weights"/>
    public IReadOnlyDictionary<string, int> Weights => builder.Weights;

    /// <inheritdoc cref="ProblemBuilder.Activations"/>
    public IReadOnlyDictionary<string, int> Activations => builder.Activations;

    /// <inheritdoc cref="ProblemBuilder.Groups"/>
    public IReadOnlyDictionary<string, int> Groups => builder.Groups;

    public ChoiceProblem Problem(IReadOnlyDictionary<Resource, double> limits) => builder.Build(limits, fixedBytes);

    /// <summary>The choices that the layers make in graph order: the activations that are read, the weights, the channels.</summary>
    public int[] InGraphOrder(ChoiceProblem problem)
    {
        var order = problem.Layers.SelectMany(layer => (IEnumerable<int>)[layer.Activation, layer.Weight, .. layer.Out.Select(part => part.Choice)]).Where(choice => choice >= 0).Distinct().ToList();
        return [.. order, .. Enumerable.Range(0, problem.Choices.Count).Except(order)];
    }

    /// <summary>The option whose value is nearest; of two as near, the one with the larger value.</summary>
    public static int Nearest(Choice choice, double value) =>
        Enumerable.Range(0, choice.Values.Length).MinBy(option => (Math.Abs(choice.Values[option] - value), -choice.Values[option]));

    /// <summary>
    /// The proposal whose outputs stay nearest to the float model's, carried out on all samples. Where its file would be larger than was computed, the sweep of
    /// <see cref="BudgetWall"/> takes from it until it fits.
    /// </summary>
    /// <param name="proposals">The most promising first; only the first <see cref="Finalists"/> are looked at.</param>
    /// <param name="noise">See <see cref="ChannelSpread"/>; where it is given each proposal competes with itself, bits spread over the channels.</param>
    public Candidate Best(IReadOnlyList<Proposal> proposals, IReadOnlyDictionary<Resource, double> limits, IReadOnlyDictionary<string, double[]>? noise = null)
    {
        var few = proposals.Take(noise is null ? Finalists : Finalists / 2).ToList();
        var entries = few.Select(proposal => (Name: Describe(proposal), Plan: Repaired(proposal, limits, Plan))).ToList();
        if (noise is not null)
            entries.AddRange(few.Select(proposal => (Name: $"{Describe(proposal)}, bits by channel", Plan: Repaired(proposal, limits, own => Spread(own, noise)))).Where(entry => !entry.Plan.ChannelBits.IsEmpty && Context.Excess(entry.Plan, limits) <= 0));
        return Context.Build(new Judge(Context).Best(entries, entry => entry.Plan, entry => entry.Name).Plan);
    }

    /// <summary>The proposal's plan after as many sweeps as its file's sketch needs to keep the limits.</summary>
    private CompressionPlan Repaired(Proposal proposal, IReadOnlyDictionary<Resource, double> limits, Func<Proposal, CompressionPlan> plan)
    {
        for (var attempt = 0; ; attempt++)
        {
            var own = plan(proposal);
            if (Context.Excess(own, limits) is var excess && excess <= 0 || attempt == Repairs) return own;
            fixedBytes += limits[Resource.Size] + excess - Problem(limits).Cost(Resource.Size, proposal.Options);
            var problem = Problem(limits);
            if (BudgetWall.Sweep(problem, proposal.Options, InGraphOrder(problem)) is not { } smaller) return own;
            proposal = proposal with { Options = smaller };
        }
    }

    /// <summary>The plan that a proposal stands for, whatever its file takes.</summary>
    internal CompressionPlan Plan(Proposal proposal)
    {
        var plan = builder.Plan(proposal.Options);
        return plan with { Cuts = [.. plan.Cuts.Select(cut => proposal.Orders.TryGetValue(cut.Group, out var order) ? cut with { Kept = Kept(order, cut.Kept.Count) } : cut)] };
    }

    private CompressionPlan Spread(Proposal proposal, IReadOnlyDictionary<string, double[]> noise)
    {
        var choices = Problem(new Dictionary<Resource, double>()).Choices;
        return ChannelSpread.Of(Context, Plan(proposal), noise, layer => Weights.TryGetValue(layer, out var choice) ? choices[choice].Values : []);
    }

    private static int[] Kept(int[] order, int count) => [.. order.Skip(order.Length - count).Order()];

    private string Describe(Proposal proposal)
    {
        var problem = Problem(new Dictionary<Resource, double>());
        var costs = Context.FloatCosts;
        return $"{problem.Cost(Resource.Size, proposal.Options) / 1000:0.#} KB, MACs ÷{costs.Macs / problem.Cost(Resource.Macs, proposal.Options):0.##}, BOPs ÷{costs.Bops / problem.Cost(Resource.Bops, proposal.Options):0.#}";
    }
}
