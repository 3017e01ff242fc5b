using Compress.Plan;

namespace Compress.Search;

/// <summary>
/// Tells plans apart by carrying them out: each is fitted on some of the samples and judged on the others, by how far its outputs are from the float model's.
/// Plans that were judged before, in an interrupted search too, are not carried out again.
/// </summary>
public sealed class Judge
{
    private readonly SearchContext context, fitted, heldBack;

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
        var known = context.Memory.Damage(plan);
        var damage = known ?? AutoMethod.Damage(heldBack, fitted.Draft(plan));
        if (known is null) context.Memory.Keep(plan, damage);
        if (description is not null) context.Reporter.Stage($"{description}: divergence {damage:0.#####}{(known is null ? "" : ", as found before")}");
        return damage;
    }
}
