using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>A layer of the original graph: its name and its operator type.</summary>
/// <param name="HasWeights">Whether it counts for `position: first` and `last`.</param>
public sealed record LayerName(string Name, string Type, bool HasWeights = true);

/// <summary>Which rule holds for which layer.</summary>
public static class LayerRules
{
    /// <summary>For each layer, in the order given, the first rule that matches; null: none does.</summary>
    /// <param name="layers">The layers in graph order.</param>
    /// <param name="rules">The policy's rules in its order.</param>
    /// <param name="reporter">Hears of shared rules whose name pattern fits nothing in this model.</param>
    /// <exception cref="CompressionException">CMP1041: a rule matches no layer; CMP1043: earlier rules take all that it matches.</exception>
    public static IReadOnlyList<LayerRule?> Resolve(IReadOnlyList<LayerName> layers, IReadOnlyList<LayerRule> rules, IReporter? reporter = null)
    {
        var resolved = new LayerRule?[layers.Count];
        foreach (var rule in rules)
        {
            var matches = Matches(layers, rule);
            if (matches.Count == 0)
            {
                ReportUnmatched(rule, layers, reporter);
                continue;
            }

            var free = matches.Where(i => resolved[i] is null).ToList();
            if (free.Count == 0 && !rule.Shared) throw Codes.RuleNeverReached(Selector(rule), resolved[matches[0]]!.Location.Line, rule.Location).Error();
            foreach (var i in free) resolved[i] = rule;
        }

        return resolved;
    }

    private static List<int> Matches(IReadOnlyList<LayerName> layers, LayerRule rule)
    {
        var weighted = Enumerable.Range(0, layers.Count).Where(i => layers[i].HasWeights).ToList();
        IEnumerable<int> candidates = rule.Position switch
        {
            LayerPosition.First => weighted.Take(1),
            LayerPosition.Last => weighted.TakeLast(1),
            _ => Enumerable.Range(0, layers.Count),
        };
        return [.. candidates.Where(i => NameGlob.IsMatch(rule.Match, layers[i].Name) && (rule.Type is null || rule.Type == layers[i].Type))];
    }

    private static void ReportUnmatched(LayerRule rule, IReadOnlyList<LayerName> layers, IReporter? reporter)
    {
        var hint = rule.Match != "*" && !layers.Any(l => NameGlob.IsMatch(rule.Match, l.Name))
            ? Nearest.Question(rule.Match, layers.Select(l => l.Name))
            : rule.Type is null ? "" : Nearest.Question(rule.Type, layers.Select(l => l.Type).Distinct());
        if (!rule.Shared) throw Codes.RuleMatchesNothing(Selector(rule), hint, rule.Location).Error();
        // Rules by type or position are often meant for those models alone that have such a layer.
        if (rule.Match != "*") reporter?.Report(Codes.SharedRuleMatchesNothing(Selector(rule), hint, rule.Location));
    }

    private static string Selector(LayerRule rule)
    {
        var parts = new List<string>();
        if (rule.Match != "*" || (rule.Type is null && rule.Position is null)) parts.Add($"a name like '{rule.Match}'");
        if (rule.Type is not null) parts.Add($"the type '{rule.Type}'");
        if (rule.Position is { } position) parts.Add($"the position '{position.ToString().ToLowerInvariant()}'");
        return string.Join(" and ", parts);
    }
}
