using Compress.Plan;

namespace Compress.Search;

/// <summary>
/// A published method as far as its proposals: what is measured before them and done with them is the same for all. Training, where the publication has it,
/// is replaced by the common recovery.
/// </summary>
public abstract class ProposingMethod : IMethod
{
    public Candidate Search(SearchContext context)
    {
        (context, var start) = AutoMethod.Arithmetic(Prunable.WithFixedCuts(context));
        if (!context.Facts.HasSamples) return context.Measure(start);
        context.Reporter.Stage("measuring what each choice costs in accuracy");
        var (policy, countsActivations) = (context.Policy, context.Policy.Budget?.Bops is not null || context.Policy.Quantize.Activations.Count > 1);
        var channels = policy.Prune is { Enabled: not false, Ratio: null };
        var sensitivity = context.Memory.Sensitivity(countsActivations, channels, () => Sensitivity.Measure(context, countsActivations, channels));
        var space = new ChoiceSpace(context, Ordered(context, sensitivity), start);
        var noise = ChannelNoise(space);
        Candidate Within(IReadOnlyDictionary<Resource, double> limits) => space.Best(Proposals(space, limits), limits, noise);
        return policy.Budget is null ? GateBisection.Smallest(context, start, Within) : context.Measure(Within(AutoMethod.Limits(context)));
    }

    /// <summary>The proposals as plans, not yet carried out; their files may be a few bytes too large.</summary>
    /// <param name="start">A candidate with the widest bits.</param>
    internal IReadOnlyList<CompressionPlan> Plans(SearchContext context, Sensitivity sensitivity, Candidate start, IReadOnlyDictionary<Resource, double> limits)
    {
        var space = new ChoiceSpace(context, Ordered(context, sensitivity), start);
        return [.. Proposals(space, limits).Select(space.Plan)];
    }

    /// <summary>Where the policy leaves nothing to choose there is one.</summary>
    private IReadOnlyList<Proposal> Proposals(ChoiceSpace space, IReadOnlyDictionary<Resource, double> limits) => space.Problem(limits).Choices.Count == 0 ? [new Proposal([])] : Propose(space, limits);

    /// <summary>The order in which a group's channels go, by the method's own criterion.</summary>
    protected virtual Sensitivity Ordered(SearchContext context, Sensitivity sensitivity) => sensitivity;

    /// <summary>
    /// For a method that gives bits to channels: layer name → for each output channel what its rounding counts, so that it is proportional to this · 4^−bits.
    /// </summary>
    protected virtual IReadOnlyDictionary<string, double[]>? ChannelNoise(ChoiceSpace space) => null;

    /// <summary>At least one proposal, the most promising first. All keep the limits unless that can't be done.</summary>
    protected abstract IReadOnlyList<Proposal> Propose(ChoiceSpace space, IReadOnlyDictionary<Resource, double> limits);
}
