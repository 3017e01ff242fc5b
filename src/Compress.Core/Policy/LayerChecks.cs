using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>Contradictions within the rules for layers.</summary>
internal static class LayerChecks
{
    public static readonly Func<ModelPolicy, Diagnostic?>[] Rules = [Each(Selector), Each(Setting), Each(FloatWithBits), Each(BitsWithoutQuantize)];

    private delegate Diagnostic? RuleCheck(ModelPolicy model, LayerRule rule, string key);

    private static Func<ModelPolicy, Diagnostic?> Each(RuleCheck check) =>
        model => model.Layers.Select((rule, i) => check(model, rule, $"layers[{i}]")).FirstOrDefault(d => d is not null);

    private static Diagnostic? Selector(ModelPolicy m, LayerRule rule, string key) =>
        rule is { Type: null, Position: null } && !m.Locations.ContainsKey($"{key}.match")
            ? Codes.MissingKey("A layer rule", rule.Location, "match", "type", "position") : null;

    private static Diagnostic? Setting(ModelPolicy m, LayerRule rule, string key) =>
        rule is { Prune: null, PruneRatio: null, Weights: null, Activations: null, KeepFloat: false }
            ? Codes.MissingKey("A layer rule", rule.Location, "prune", "weights", "activations", "keep") : null;

    private static Diagnostic? FloatWithBits(ModelPolicy m, LayerRule rule, string key) =>
        rule.KeepFloat && Bits(rule) is { } bits ? Codes.FloatWithBits(bits, m.Where($"{key}.{bits}")) : null;

    private static Diagnostic? BitsWithoutQuantize(ModelPolicy m, LayerRule rule, string key) =>
        !m.Quantize.Enabled && Bits(rule) is { } bits ? Codes.BitsWithoutQuantize(bits, m.Where($"{key}.{bits}")) : null;

    private static string? Bits(LayerRule rule) => rule.Weights is not null ? "weights" : rule.Activations is not null ? "activations" : null;
}
