using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Policy;

namespace Compress.Core.Tests.Evaluate;

[TestClass]
public sealed class GateTests
{
    private static readonly SourceLocation DropLine = new("compress.yaml", 12, 17), MinLine = new("compress.yaml", 13, 12);

    [TestMethod]
    [DataRow(MetricKind.Top1, 93.23, 92.73, true, DisplayName = "exactly at max-drop")]
    [DataRow(MetricKind.Top1, 93.23, 92.72, false, DisplayName = "below")]
    [DataRow(MetricKind.Top1, 93.23, 95.0, true, DisplayName = "better than float")]
    [DataRow(MetricKind.Mse, 1.0, 1.5, true, DisplayName = "an error may grow by max-drop")]
    [DataRow(MetricKind.Mse, 1.0, 1.6, false, DisplayName = "not by more")]
    [DataRow(MetricKind.Kl, 0.0, 0.6, false, DisplayName = "a divergence likewise")]
    [DataRow(MetricKind.Cosine, 1.0, double.NaN, false, DisplayName = "not-a-number never passes")]
    public void Max_drop_bounds_the_loss_in_the_metrics_own_direction(MetricKind kind, double original, double compressed, bool passes)
    {
        var policy = Policy(kind, maxDrop: 0.5);
        var verdict = Gate.Check(policy, Value(original), Value(compressed));
        Assert.AreEqual(passes, verdict.Passed);
        Assert.AreEqual(passes ? null : DropLine, verdict.Missed);
    }

    [TestMethod]
    [DataRow(2e-10, 2e-10, true, DisplayName = "as good")]
    [DataRow(2e-10, 8e-10, false, DisplayName = "four times the error, both far below 1")]
    [DataRow(0.0, 1e-14, true, DisplayName = "as good but for rounding")]
    [DataRow(0.0, double.PositiveInfinity, false, DisplayName = "infinitely worse")]
    public void Bounds_hold_for_values_of_any_size(double original, double compressed, bool passes)
    {
        Assert.AreEqual(passes, Gate.Check(Policy(MetricKind.Kl, maxDrop: 1e-10), Value(original), Value(compressed)).Passed);
        Assert.AreEqual(passes, Gate.Check(Policy(MetricKind.Kl, min: 3e-10), Value(original), Value(compressed)).Passed);
    }

    [TestMethod]
    public void A_bound_is_told_as_it_was_asked_for() => Assert.AreEqual("a drop of at most 0.000123456 and at least 0.99999999", Gate.Check(Policy(MetricKind.Cosine, maxDrop: 0.000123456, min: 0.99999999), Value(1), Value(1)).Bound);

    [TestMethod]
    [DataRow(MetricKind.Top1, 90.0, true)]
    [DataRow(MetricKind.Top1, 89.99, false)]
    [DataRow(MetricKind.Mse, 90.0, true)]
    [DataRow(MetricKind.Mse, 90.01, false)]
    public void Min_is_the_worst_value_allowed(MetricKind kind, double compressed, bool passes)
    {
        var verdict = Gate.Check(Policy(kind, min: 90), Value(100), Value(compressed));
        Assert.AreEqual(passes, verdict.Passed);
        Assert.AreEqual(passes ? null : MinLine, verdict.Missed);
    }

    [TestMethod]
    public void A_program_whose_number_falls_with_quality_is_bounded_from_above()
    {
        var policy = Policy(MetricKind.Command, maxDrop: 1) with { HigherIsBetter = false };
        Assert.IsTrue(Gate.Check(policy, Value(10), Value(11)).Passed);
        Assert.IsFalse(Gate.Check(policy, Value(10), Value(12)).Passed);
    }

    [TestMethod]
    public void A_policy_without_bounds_passes_everything_that_is_a_number()
    {
        Assert.IsTrue(Gate.Check(Policy(MetricKind.Top1), Value(90), Value(1)).Passed);
        Assert.IsFalse(Gate.Check(Policy(MetricKind.Top1), Value(90), Value(double.NaN)).Passed);
    }

    [TestMethod]
    [DataRow(OnMiss.Error, Severity.Error)]
    [DataRow(OnMiss.Warning, Severity.Warning)]
    public void A_missed_gate_names_figures_bound_candidate_and_line(OnMiss onMiss, Severity severity)
    {
        var policy = Policy(MetricKind.Top1, maxDrop: 0.5, min: 80) with { OnMiss = onMiss };
        var (original, compressed) = (Value(93.23), Value(91.5));
        var diagnostic = Gate.Diagnose(policy, Gate.Check(policy, original, compressed), original, compressed, "obj/best.onnx")!;

        Assert.AreEqual(("CMP7001", severity, DropLine), (diagnostic.Code, diagnostic.Severity, diagnostic.Location));
        foreach (var part in new[] { "91.5", "93.23", "1.73", "a drop of at most 0.5 and at least 80", "obj/best.onnx" }) StringAssert.Contains(diagnostic.Message, part);
    }

    [TestMethod]
    public void A_floor_that_the_float_model_does_not_reach_is_told_so()
    {
        var policy = Policy(MetricKind.Top1, min: 99);
        var message = Gate.Diagnose(policy, Gate.Check(policy, Value(90.7), Value(90.8)), Value(90.7), Value(90.8), "")!.Message;

        StringAssert.Contains(message, "top1 is 90.8, the float model's 90.7: better by 0.1; the policy asks for at least 99, which the float model has not either.");
    }

    [TestMethod]
    public void A_passed_gate_has_no_diagnostic()
    {
        var policy = Policy(MetricKind.Top1, maxDrop: 0.5);
        Assert.IsNull(Gate.Diagnose(policy, Gate.Check(policy, Value(90), Value(90)), Value(90), Value(90), ""));
    }

    [TestMethod]
    public void Max_drop_from_an_infinite_psnr_is_refused()
    {
        var error = Assert.ThrowsExactly<CompressionException>(() => Gate.Check(Policy(MetricKind.Psnr, maxDrop: 1), Value(double.PositiveInfinity), Value(40)));
        Assert.AreEqual(("CMP7007", DropLine), (error.Diagnostic.Code, error.Diagnostic.Location));
        Assert.IsTrue(Gate.Check(Policy(MetricKind.Psnr, min: 39), Value(double.PositiveInfinity), Value(40)).Passed);
    }

    [TestMethod]
    [DataRow(90.4, 0.1, true, DisplayName = "room for the interval")]
    [DataRow(90.4, 0.3, false, DisplayName = "the interval reaches below the bound")]
    [DataRow(89.9, 0.1, false, DisplayName = "missed by the value")]
    public void A_gate_passes_surely_when_all_of_the_interval_does(double compressed, double error, bool surely)
    {
        foreach (var policy in new[] { Policy(MetricKind.Top1, maxDrop: 3), Policy(MetricKind.Top1, min: 90), Policy(MetricKind.Top1, maxDrop: 3, min: 90) })
            Assert.AreEqual(surely, Gate.Check(policy, Value(93), new MetricValue(compressed, 100, error)).Surely);
    }

    private static MetricValue Value(double value) => new(value, 100, 0);

    private static AccuracyPolicy Policy(MetricKind kind, double? maxDrop = null, double? min = null) => new()
    {
        Location = new("compress.yaml", 10, 3),
        Metric = kind,
        MaxDrop = maxDrop is { } drop ? new(drop, DropLine) : null,
        Min = min is { } bound ? new(bound, MinLine) : null,
    };

    [TestMethod]
    [DataRow(93.23, "93.23")]
    [DataRow(100, "100")]
    [DataRow(0.99997347, "0.99997")]
    [DataRow(0.00022994726, "0.00022995")]
    [DataRow(1e-16, "0")]
    [DataRow(-0.00001, "-1E-05")]
    [DataRow(double.PositiveInfinity, "Infinity")]
    public void Values_are_told_with_the_digits_that_matter(double value, string text) => Assert.AreEqual(text, MetricText.Of(value));
}
