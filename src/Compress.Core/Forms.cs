using Compress.Diagnostics;
using Compress.Search;

namespace Compress;

/// <summary>The forms of a model (its layers as they are, some of them as products of two), each searched once. What failed is not tried again either.</summary>
/// <param name="forms">The model as it is first.</param>
/// <param name="search">The best that the policy's method finds.</param>
/// <param name="time">Shared out between the forms.</param>
internal sealed class Forms(IReadOnlyList<SearchContext> forms, Func<SearchContext, Candidate> search, SearchTime time)
{
    /// <summary>More nodes for less than this are not worth having.</summary>
    private const double Better = 0.95;

    private readonly Dictionary<SearchContext, Lazy<Candidate>> known = new(ReferenceEqualityComparer.Instance);

    public Candidate Find(SearchContext form)
    {
        if (!known.TryGetValue(form, out var found)) known[form] = found = new(() => search(form));
        return found.Value;
    }

    /// <summary>
    /// The form whose best plan meets the policy; of two, the smaller one where there is no budget, else the one whose outputs are nearer to the float model's. Behind it the
    /// model as it is, to fall back on. A form that fails is left out, but for that one: what to do then others know.
    /// </summary>
    public IReadOnlyList<SearchContext> BestFirst()
    {
        if (forms.Count == 1 || Cost(forms[0], forms.Count, RuntimeRefusal.Is) is not { } least) return [forms[0]];
        var best = 0;
        for (var i = 1; i < forms.Count; i++)
        {
            forms[i].Reporter.Stage($"the same with {string.Join(", ", forms[i].Factors.Select(layer => $"{layer.Key} as a product of rank {layer.Value}"))}");
            if (Cost(forms[i], forms.Count - i, _ => true) is { } cost && (cost.Misses < least.Misses || (cost.Misses == least.Misses && cost.Value < Better * least.Value))) (best, least) = (i, cost);
        }
        return best == 0 ? [forms[0]] : [forms[best], forms[0]];
    }

    /// <summary>How many of gate and budget the best plan misses, and what counts besides; null where it fails.</summary>
    /// <param name="left">Forms that are still to be searched, this one among them.</param>
    private (int Misses, double Value)? Cost(SearchContext form, int left, Func<CompressionException, bool> mayFail)
    {
        using var share = time.Share(left);
        known[form] = new(() => search(form with { Enough = share.Token }));
        try
        {
            var found = Find(form);
            var isMissed = form.Missed(found) is not null || LatencyBudget.Of(form)?.IsMissed(found.Plan) == true;
            var value = form.Policy.Budget is null ? found.Size : new Judge(form).Damage(found.Plan with { Grids = found.Plan.Grids.Clear() }, form.Factors.IsEmpty ? "layers as they are" : "layers as products");
            return ((isMissed ? 1 : 0) + (found.Passes ? 0 : 1), value);
        }
        catch (CompressionException e) when (mayFail(e))
        {
            form.Reporter.Stage($"this form fails: {e.Diagnostic.Message}");
            return null;
        }
    }
}
