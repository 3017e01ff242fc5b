using Compress.Analysis;
using Compress.Plan;

namespace Compress.Search;

/// <summary>
/// The best plan within limits. The knapsack is solved for several weightings of the damages of channels and activations, each plan is carried out and
/// judged, and so are the plans that published methods propose; then the weights of random choices are changed (after SPDY, Frantar and Alistarh 2022), and
/// single choices of the best plan, and what makes a better plan is kept. Judged are the outputs, on samples that nothing was fitted to.
/// </summary>
internal sealed class JointSearch(SearchContext context, Sensitivity sensitivity, Candidate start, IReadOnlyDictionary<Resource, double> limits)
{
    /// <summary>How much pruning and activations count against weights at the start; infinity leaves channels alone.</summary>
    private static readonly (double Channels, double Activations)[] Starts = [(1, 1), (double.PositiveInfinity, 1), (3, 1), (10, 1), (1, 3)];

    /// <summary>Trials for a model of usual size; a large one gets fewer, so that the search ends in minutes.</summary>
    private const int MostTrials = 32;

    /// <summary>After so many trials without a better plan there is none to be found that is worth the time.</summary>
    private const int Patience = 12;

    /// <summary>Products of least squares that all trials together may take.</summary>
    private const double Work = 1.6e12;

    /// <summary>Choices of a plan that a trial may change, the rest following from the limits.</summary>
    private const int MostChanges = 3;

    /// <summary>The published methods whose proposals take seconds.</summary>
    private static readonly (string Name, Func<ProposingMethod> Of)[] Others = [("fit", () => new FitMethod()), ("qap", () => new QapMethod()), ("ajpq", () => new AjpqMethod(seeds: 1))];

    /// <summary>Counts at which kernels get faster are preferred while they cost no more damage than this, as a factor.</summary>
    private const double WorthOfSpeed = 1.25;

    /// <summary>Natural logarithm of the largest factor that a trial changes a weight by.</summary>
    private const double Step = 1.5;

    private readonly Judge judge = new(context);

    /// <summary>Null: time is not limited.</summary>
    private readonly LatencyBudget? clock = LatencyBudget.Of(context);

    /// <summary>Null: the limits are out of reach.</summary>
    public CompressionPlan? Best()
    {
        var found = Spaces().Select(FromStarts).OfType<Found>().ToList();
        if (found.Count == 0) return null;
        var best = found.Count > 1 && found[0].Damage > WorthOfSpeed * found[1].Damage ? found[1] : found[0];
        return Spread(Refined(Proposed(best)));
    }

    /// <summary>The plan with its layers' bits spread over their channels, where that does less damage within the limits; else the plan itself.</summary>
    private CompressionPlan Spread(Found best)
    {
        if (!best.Space.HasWeights || context.Course.Enough.IsCancellationRequested) return best.Plan;
        var noise = AjpqMethod.ChannelNoise(context, sensitivity);
        CompressionPlan Of(CompressionPlan plan) => ChannelSpread.Of(context, plan, noise, best.Space.Widths);
        var spread = Of(best.Plan);
        if (context.Excess(spread, best.Limits) is var excess && excess > 0)
        {
            // Where channels belong takes bytes of its own.
            var tighter = new Dictionary<Resource, double>(best.Limits) { [Resource.Size] = best.Limits[Resource.Size] - excess };
            if (best.Space.Near(best.Plan, tighter, best.Weights) is not { } smaller) return best.Plan;
            spread = Of(smaller);
        }
        if (spread.ChannelBits.IsEmpty || context.Excess(spread, best.Limits) > 0) return best.Plan;
        return judge.Damage(spread, "the best with bits by channel") < best.Damage && clock?.Keeps(spread) != false ? spread : best.Plan;
    }

    /// <summary>The best of what was found and of what the published methods propose, taken over into the same space of choices.</summary>
    private Found Proposed(Found best)
    {
        if (clock is not null || !best.Space.HasWeights || Trials() == 0) return best;
        foreach (var (name, method) in Others)
        {
            if (!context.Course.GoesOn(0)) break;
            foreach (var proposal in method().Plans(context, sensitivity, start, best.Limits))
            {
                if (best.Space.Near(proposal, best.Limits, best.Weights) is not { } plan) continue;
                var damage = judge.Damage(plan, $"as {name} proposes");
                if (damage < best.Damage) best = best with { Plan = plan, Damage = damage };
            }
        }
        return best;
    }

    /// <summary>Channels at the counts that kernels like, and, where that is a narrower choice, at any count.</summary>
    private IEnumerable<WeightedSpace> Spaces()
    {
        yield return new WeightedSpace(context, sensitivity, start);
        if (context.Policy is not { Budget: { Macs: not null, Latency: null }, Prune.KeepMultipleOf: null } policy) yield break;
        yield return new WeightedSpace(context with { Policy = policy with { Prune = policy.Prune with { KeepMultipleOf = 1 } } }, sensitivity, start, channelSteps: 32);
    }

    private Found? FromStarts(WeightedSpace space)
    {
        Found? best = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Starts.Length && (best is null || context.Course.GoesOn((double)i / Starts.Length)); i++)
        {
            var (channels, activations) = Starts[i];
            if (channels != 1 && !(space.HasChannels && space.HasWeights) || activations != 1 && !space.HasActivations) continue;
            var weights = space.Weights(channels, activations);
            if (space.BySum(clock, limits, weights) is not { } bounded || space.Solve(bounded, weights) is not { } plan || !seen.Add(PlanJson.Write(plan).ToJsonString())) continue;
            var damage = judge.Damage(plan, $"{(double.IsPositiveInfinity(channels) ? "all channels" : $"channels × {channels}")}, activations × {activations}");
            if (best is null || damage < best.Damage) best = new Found(space, bounded, weights, plan, damage);
        }
        return best;
    }

    private Found Refined(Found best)
    {
        if (best.Space.Choices == 0) return best;
        var (random, trials, better) = (new Random(context.Policy.Seed), Trials(), 0);
        var seen = new HashSet<string>(StringComparer.Ordinal) { PlanJson.Write(best.Plan).ToJsonString() };
        var (trial, last) = (0, 0);
        for (; trial < trials && trial - last < Patience && context.Course.GoesOn((double)trial / trials); trial += Judge.Together)
        {
            var next = Enumerable.Range(trial, Judge.Together).Select(i => Changed(best, random, i, trials)).Where(entry => entry.Plan is { } plan && seen.Add(PlanJson.Write(plan).ToJsonString())).ToList();
            var damages = judge.Damages([.. next.Select(entry => entry.Plan!)]);
            for (var i = 0; i < next.Count; i++)
                // Plans of one sum of their operators' times differ by the clock.
                if (damages[i] < best.Damage && (clock?.Spare(next[i].Plan!) ?? 1) is >= 1 and var spare)
                    (best, better, last) = (best with { Weights = next[i].Weights, Plan = next[i].Plan!, Damage = damages[i], Limits = Raised(best.Limits, spare) }, better + 1, trial);
        }
        if (trials > 0) context.Reporter.Stage($"{trial} changes tried, {better} kept: divergence {best.Damage:0.#####}");
        return best;
    }

    /// <summary>What a kept plan leaves of the time is for the next.</summary>
    private static IReadOnlyDictionary<Resource, double> Raised(IReadOnlyDictionary<Resource, double> limits, double spare) =>
        limits.TryGetValue(Resource.Latency, out var sum) ? new Dictionary<Resource, double>(limits) { [Resource.Latency] = sum * spare } : limits;

    /// <summary>A trial: by turns other weights of all choices, in smaller steps as time passes, and a few choices changed where the best plan is.</summary>
    private static (double[] Weights, CompressionPlan? Plan) Changed(Found best, Random random, int trial, int trials)
    {
        if (trial % 2 == 1) return (best.Weights, best.Space.Near(best.Plan, best.Limits, best.Weights, random, 1 + random.Next(MostChanges)));
        var weights = Changed(best.Weights, random, share: trial < trials / 4 ? 0.5 : 0.2);
        return (weights, best.Space.Solve(best.Limits, weights));
    }

    private static double[] Changed(double[] weights, Random random, double share) =>
        Array.ConvertAll(weights, weight => random.NextDouble() < share ? weight * Math.Exp(((2 * random.NextDouble()) - 1) * Step) : weight);

    private int Trials()
    {
        var samples = context.Facts.Samples.Sum(batch => batch.Samples) / 3.0;
        var one = context.LayerShapes.Where(shape => shape.HasWeights).Sum(shape => Math.Min(samples * shape.Positions, Math.Max(6_000, 8.0 * shape.FanIn)) * shape.FanIn * shape.FanIn);
        return (int)Math.Clamp(Work / Math.Max(one, 1), 0, MostTrials);
    }

    private sealed record Found(WeightedSpace Space, IReadOnlyDictionary<Resource, double> Limits, double[] Weights, CompressionPlan Plan, double Damage);
}
