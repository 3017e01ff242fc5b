using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>Layer rules choose by name, type and position; the first match wins; a rule that does nothing is told.</summary>
[TestClass]
public sealed class LayerRulesTests
{
    private static readonly LayerName[] Layers =
    [
        new("input_scale", "Mul", HasWeights: false), new("stem", "Conv"), new("block1/conv", "Conv"), new("block1/relu", "Relu", HasWeights: false),
        new("block2/conv", "Conv"), new("head", "Gemm"), new("probabilities", "Softmax", HasWeights: false),
    ];

    [TestMethod]
    [DataRow("match: \"block*\"", "block1/conv block1/relu block2/conv")]
    [DataRow("match: block?/conv", "block1/conv block2/conv")]
    [DataRow("match: \"*\"", "input_scale stem block1/conv block1/relu block2/conv head probabilities")]
    [DataRow("type: Conv", "stem block1/conv block2/conv")]
    [DataRow("match: \"block1*\", type: Conv", "block1/conv")]
    [DataRow("position: first", "stem")]
    [DataRow("position: last", "head")]
    [DataRow("position: last, type: Gemm", "head")]
    public void A_rule_takes_the_layers_that_fit_all_it_says(string selector, string expected)
    {
        var rules = Rules($"- {{ {selector}, prune: false }}");

        var resolved = LayerRules.Resolve(Layers, rules);

        Assert.AreEqual(expected, string.Join(' ', Layers.Where((_, i) => resolved[i] is not null).Select(l => l.Name)));
    }

    [TestMethod]
    public void The_first_match_wins()
    {
        var rules = Rules("- { position: first, weights: 8 }\n  - { type: Conv, weights: 4 }\n  - { match: \"*\", activations: 8 }");

        var resolved = LayerRules.Resolve(Layers, rules);

        Assert.AreEqual("activations 8 4 activations 4 activations activations", string.Join(' ', resolved.Select(r => r!.Weights?.ToString() ?? "activations")));
    }

    [TestMethod]
    public void No_rules_leave_every_layer_alone() => Assert.IsTrue(LayerRules.Resolve(Layers, []).All(r => r is null));

    [TestMethod]
    [DataRow("match: head, type: Conv", "a name like 'head' and the type 'Conv'")]
    [DataRow("position: first, type: Gemm", "the type 'Gemm' and the position 'first'")]
    [DataRow("match: BLOCK*", "a name like 'BLOCK*'")]
    public void A_rule_that_matches_nothing_is_an_error_at_its_place(string selector, string says)
    {
        var rules = Rules($"- {{ {selector}, prune: false }}");

        var error = Assert.ThrowsExactly<CompressionException>(() => LayerRules.Resolve(Layers, rules)).Diagnostic;

        Assert.AreEqual(("CMP1041", rules[0].Location), (error.Code, error.Location));
        StringAssert.Contains(error.Message, says);
    }

    [TestMethod]
    public void A_rule_for_several_models_may_match_nothing_and_a_misspelt_name_in_it_is_a_warning()
    {
        var rules = Rules("- { type: Gru, weights: 8 }\n  - { match: haed, weights: 8 }\n  - { type: Conv, weights: 4 }\n  - { match: stem, weights: 8 }", shared: true);
        var reporter = new Collector();

        var resolved = LayerRules.Resolve(Layers, rules, reporter);

        Assert.AreEqual(3, resolved.Count(r => r is not null));
        var warning = reporter.Diagnostics.Single();
        Assert.AreEqual(("CMP1042", Severity.Warning, rules[1].Location), (warning.Code, warning.Severity, warning.Location));
        StringAssert.Contains(warning.Message, "Did you mean 'head'?");
    }

    [TestMethod]
    [DataRow("version: 1\nmodels: [{ model: model.onnx, layers: [{ type: Conv, weights: 8 }] }]", false)]
    [DataRow("version: 1\ndefaults: { layers: [{ type: Conv, weights: 8 }] }\nmodels: [{ model: model.onnx }]", false)]
    [DataRow("version: 1\ndefaults: { layers: [{ type: Conv, weights: 8 }] }\nmodels: [{ model: model.onnx }, { model: other.onnx }]", true)]
    [DataRow("version: 1\nmodels: [{ model: \"*.onnx\", layers: [{ type: Conv, weights: 8 }] }]", true)]
    public void Rules_are_shared_when_they_were_written_for_several_models(string yaml, bool shared)
    {
        using var folder = new PolicyFolder("other.onnx");
        Assert.IsTrue(folder.Read(yaml).Models.All(m => m.Layers.Single().Shared == shared));
    }

    private static IReadOnlyList<LayerRule> Rules(string yaml, bool shared = false)
    {
        using var folder = new PolicyFolder();
        return [.. folder.ReadModel($"layers:\n  {yaml}").Layers.Select(r => r with { Shared = shared })];
    }

    private sealed class Collector : IReporter
    {
        public List<Diagnostic> Diagnostics { get; } = [];

        public void Report(Diagnostic diagnostic) => Diagnostics.Add(diagnostic);

        public void Stage(string text) => throw new NotSupportedException();

        public void Progress(double fraction) => throw new NotSupportedException();
    }
}
