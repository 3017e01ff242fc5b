using Compress.Core.Tests.Search;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search;
using Compress.Testing;

namespace Compress.Core.Tests;

/// <summary>What is shipped is never worse than what came: what a method finds is exchanged for the next best form, or the model is passed on and the build says why.</summary>
[TestClass]
public sealed class NeverWorseTests
{
    /// <summary>Milliseconds of the float model.</summary>
    private const double Before = 1;

    [TestMethod]
    public void A_slower_model_is_exchanged_for_the_same_weights_in_float_arithmetic()
    {
        var (search, heard) = Open();
        var found = Quantized(search);

        var (_, shipped, latency) = NeverWorse.Of(_ => found, [search], model => Times(model is null || model != found.Model ? Before : 2 * Before));

        Assert.AreEqual(0, shipped!.Applied.Placement.Integer.Count);
        Assert.IsTrue(shipped.Plan.Layers.Values.All(layer => layer is { Bits: 8, Arithmetic: Arithmetic.Float }));
        Assert.AreEqual(("", Before), (heard.Codes, latency.Second.Minimum));
    }

    [TestMethod]
    public void A_model_that_is_slower_in_float_arithmetic_too_is_passed_on()
    {
        var (search, heard) = Open();

        var (_, shipped, latency) = NeverWorse.Of(Quantized, [search], model => Times(model is null ? Before : 2 * Before));

        Assert.IsNull(shipped);
        Assert.AreEqual(("CMP5020", Before), (heard.Codes, latency.Second.Minimum));
    }

    [TestMethod]
    public void A_form_that_is_slower_gives_way_to_the_next()
    {
        var (search, heard) = Open();
        var other = search with { Threads = 2 };
        var (slow, fast) = (Quantized(search), search.Build(UniformPlan.Of(search, 6, 8)));

        var (chosen, shipped, latency) = NeverWorse.Of(form => form == search ? slow : fast, [search, other], model => Times(model is null || model == fast.Model ? Before : 2 * Before));

        Assert.AreSame(other, chosen);
        Assert.AreSame(fast, shipped);
        Assert.AreEqual(("", Before), (heard.Codes, latency.Second.Minimum));
    }

    [TestMethod]
    public void A_budget_and_other_execution_providers_are_obeyed_and_the_time_is_told()
    {
        foreach (var policy in (Func<ModelPolicy, ModelPolicy>[])[p => p with { Target = Target.OnnxRuntimePlain }, p => p with { Budget = new() { Location = new("") } }])
        {
            var (search, heard) = Open(policy);
            var found = Quantized(search);
            var (_, shipped, _) = NeverWorse.Of(_ => found, [search], model => Times(model is null ? Before : 2 * Before));

            Assert.AreSame(found, shipped);
            Assert.AreEqual("CMP5021", heard.Codes);
        }
    }

    [TestMethod]
    public void A_single_slow_measurement_is_noise()
    {
        var (search, heard) = Open();
        var found = Quantized(search);
        var measured = 0;

        var (_, shipped, _) = NeverWorse.Of(_ => found, [search], _ => Times(measured++ == 0 ? 2 * Before : Before));

        Assert.AreSame(found, shipped);
        Assert.AreEqual(("", 2), (heard.Codes, measured));
    }

    [TestMethod]
    public void A_model_that_the_runtime_refuses_is_exchanged_for_float_arithmetic_else_passed_on()
    {
        var (search, heard) = Open();
        var float8 = Quantized(search with { Policy = search.Policy with { Target = Target.WeightOnly } });
        Assert.AreSame(float8, NeverWorse.Of(attempt => attempt.Policy.Target == Target.WeightOnly ? float8 : Refused(), [search], _ => Times(Before)).Candidate);
        Assert.AreEqual("", heard.Codes);

        Assert.IsNull(NeverWorse.Of(_ => Refused(), [search], _ => Times(Before)).Candidate);
        Assert.AreEqual("CMP5022", heard.Codes);
        StringAssert.Contains(heard.Diagnostics[0].Message, "OperatorOfTheFuture");
    }

    [TestMethod]
    public void A_model_with_operators_of_the_application_is_passed_on_as_it_came()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate);
        var builder = new ModelBuilder().Input("input", -1, 1, 8, 8).Conv(4, 3);
        var model = builder.Build();
        model.Graph.Nodes.Insert(0, new Node("Sharpen", ["input"], ["sharp"], domain: "my.company"));
        model.Graph.Nodes[1].Inputs[0] = "sharp";
        model.SetOpset("my.company", 1);
        job.SetModel(model);

        Assert.IsTrue(job.Run().Passed);

        Assert.AreEqual("CMP5023", job.Heard.Codes);
        CollectionAssert.AreEqual(job.Bytes("net.onnx"), job.Bytes("out/net.onnx"));
        Assert.AreEqual(1, job.Report().Size.Factor);
        Assert.IsTrue(job.Run(locked: true).Passed);

        Assert.IsFalse(job.SetPolicy(SmallJob.Samples, "budget: { macs: 2x }").Run().Passed);
        Assert.AreEqual("CMP5023 CMP7002 CMP5001", job.Heard.Codes);
    }

    private static (SearchContext Search, Heard Heard) Open(Func<ModelPolicy, ModelPolicy>? policy = null)
    {
        var heard = new Heard();
        return (SmallSearch.Open(SmallSearch.Network(), policy) with { Reporter = heard }, heard);
    }

    private static Candidate Quantized(SearchContext search) => search.Build(UniformPlan.Of(search, 8, 8));

    /// <summary>What ONNX Runtime says of a model that is newer than it.</summary>
    private static Candidate Refused()
    {
        var builder = new ModelBuilder().Input("x", 1);
        builder.Op("OperatorOfTheFuture", ["x"]);
        using var session = new Session(builder.Build(), new SessionSettings());
        throw new InvalidOperationException("It was taken.");
    }

    private static LatencyComparison Times(double milliseconds) => new(new RunTime(Before, Before), new RunTime(milliseconds, milliseconds));
}
