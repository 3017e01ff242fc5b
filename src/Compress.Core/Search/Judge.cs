using Compress.Plan;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>
/// Tells plans apart by carrying them out: each is fitted on some of the samples and judged on the others, by how far its outputs are from the float model's.
/// Plans that were judged before, in an interrupted search too, are not carried out again.
/// </summary>
public sealed class Judge
{
    private readonly SearchContext context, fitted, heldBack;

    /// <summary>Plans that are judged at the same time, each on one thread: walks over few samples have little to share.</summary>
    public const int Together = 2;

    public Judge(SearchContext context)
    {
        this.context = context;
        (fitted, heldBack) = AutoMethod.Split(context);
    }

    /// <summary>The entry of least damage, of the first few when it was enough.</summary>
    /// <param name="entries">At least one, the most promising first.</param>
    /// <param name="describe">An entry in words, for the log.</param>
    public T Best<T>(IReadOnlyList<T> entries, Func<T, CompressionPlan> plan, Func<T, string> describe)
    {
        if (entries.Count == 1) return entries[0];
        var best = (Entry: entries[0], Damage: double.PositiveInfinity);
        for (var i = 0; i < entries.Count && context.Course.GoesOn((double)i / entries.Count); i++)
        {
            var damage = Damage(plan(entries[i]), describe(entries[i]));
            if (damage < best.Damage) best = (entries[i], damage);
        }
        return best.Entry;
    }

    /// <summary>Divergence of the outputs on the samples that the plan was not fitted to.</summary>
    /// <param name="description">The plan in words, for the log; null: not worth a line.</param>
    public double Damage(CompressionPlan plan, string? description)
    {
        var (damage, known) = Found(plan, context.Threads);
        if (description is not null) context.Reporter.Stage($"{description}: divergence {damage:0.#####}{(known ? ", as found before" : "")}");
        return damage;
    }

    /// <summary>The same for several plans, side by side.</summary>
    public double[] Damages(IReadOnlyList<CompressionPlan> plans)
    {
        var damages = new double[plans.Count];
        Concurrent.For(plans.Count, context.Threads, context.Cancellation, i => damages[i] = Found(plans[i], threads: 1).Damage);
        return damages;
    }

    private (double Damage, bool Known) Found(CompressionPlan plan, int threads)
    {
        if (context.Memory.Damage(plan) is { } known) return (known, true);
        var damage = AutoMethod.Damage(heldBack with { Threads = threads }, (fitted with { Threads = threads }).Draft(plan));
        context.Memory.Keep(plan, damage);
        return (damage, false);
    }
}
