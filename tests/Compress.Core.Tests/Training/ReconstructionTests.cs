using Compress.Analysis;
using Compress.Apply;
using Compress.Core.Tests.Apply;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Testing;
using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>Gradients on the calibration samples alone bring a compressed model nearer to the float model, on other samples too.</summary>
[TestClass]
public sealed class ReconstructionTests
{
    [TestMethod]
    public void Ends_of_blocks_can_be_learned_without_the_outputs()
    {
        var facts = SmallNet.Facts(batches: 1);

        var taught = Taught.Of(facts.Model.Graph, facts.Model.Graph, facts.Layers, new TrainingSettings { Distill = false, Features = true });

        Assert.IsEmpty(taught.Outputs);
        Assert.IsNotEmpty(taught.Features);
    }

    [TestMethod]
    public void Half_the_channels_and_three_bits_come_nearer_with_the_same_bytes_on_any_number_of_threads()
    {
        var (facts, plan) = Small();
        var fitted = PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1);
        PreparedPlan Run(int threads) => Reconstruction.Run(facts, fitted, 20, scores: null, 1, threads, SilentReporter.Instance);

        var reconstructed = Run(1);

        CollectionAssert.AreEqual(TrainedWeights.Write(reconstructed.Layers), TrainedWeights.Write(Run(3).Layers));
        Assert.IsLessThan(0.9 * SmallNet.Error(facts, fitted), SmallNet.Error(facts, reconstructed));
    }

    [TestMethod]
    public void Ends_of_blocks_are_what_all_paths_go_through_and_a_layer_reads()
    {
        var builder = new ModelBuilder(2).Input("x", -1, 2, 6, 6).Conv(8, 3).Relu();
        var first = builder.Last;
        builder.Conv(8, 3).Relu().Conv(8, 3).Add(builder.Last, first).Relu();
        var second = builder.Last;
        builder.Conv(4, 3, stride: 2).Flatten();
        var flat = builder.Last;
        var model = builder.Dense(4, 36).Build();

        CollectionAssert.AreEqual(new[] { first, second, flat }, Taught.EndsOfBlocks(model.Graph, Layers.Of(model)).ToArray());
    }

    [TestMethod]
    public void What_no_weight_has_touched_may_go_past_the_end_of_a_block()
    {
        var builder = new ModelBuilder(2).Input("x", -1, 8);
        var mask = builder.Op("Abs", ["x"]);
        builder.Dense(8, 8);
        builder.Op("Mul", [builder.Last, mask]);
        builder.Relu();
        var first = builder.Last;
        builder.Dense(8, 8);
        builder.Op("Mul", [builder.Last, mask]);
        var model = builder.Build();

        CollectionAssert.AreEqual(new[] { first }, Taught.EndsOfBlocks(model.Graph, Layers.Of(model)).ToArray());
    }

    [TestMethod]
    public void Samples_of_several_lengths_are_learned_from_in_the_batches_that_they_come_in()
    {
        var (facts, plan) = SmallSequences(8, cut: true);
        var fitted = PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1);

        var reconstructed = Reconstruction.Run(facts, fitted, 60, scores: null, 1, 2, SilentReporter.Instance);

        foreach (var batch in facts.Samples.Take(2)) Assert.IsLessThan(0.9 * Error(facts, fitted, batch), Error(facts, reconstructed, batch));
    }

    [TestMethod]
    public void A_rate_that_is_too_high_is_found_out_before_it_does_harm()
    {
        var (facts, plan) = SmallSequences(3, cut: false); // nothing is gone, and the fit is nearly as good as weights of 3 bits can be
        var fitted = PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1);

        var reconstructed = Reconstruction.Run(facts, fitted, 60, scores: null, 1, 2, SilentReporter.Instance);

        Assert.IsLessThan(1.02, facts.Samples.Average(batch => Error(facts, reconstructed, batch)) / facts.Samples.Average(batch => Error(facts, fitted, batch)));
    }

    private static double Error(ModelFacts facts, PreparedPlan prepared, Batch batch) =>
        Compressing.RelativeError(Compressing.Run(facts.Model, batch.Inputs), Compressing.Run(PlanApplier.Write(prepared, false).Model, batch.Inputs));

    [TestMethod]
    public void Samples_of_several_sizes_are_refused_where_the_gradient_depends_on_them()
    {
        var builder = new ModelBuilder(2).Input("x", -1, 2, -1, 6).Conv(8, 3).Relu().GlobalPool().Flatten().Dense(4); // the mean's gradient takes the size as a number
        Dictionary<string, Tensor> Feed(int height) => new() { ["x"] = new ModelBuilder(1).Random(1, 2, 2, height, 6) };
        var facts = Compressing.Facts(builder.Build(), Feed(6), Feed(8));
        var fitted = PlanApplier.Prepare(facts, Compressing.Uniform(facts, 3, 5), RangeMethod.Mse, 1);

        var error = Assert.ThrowsExactly<CompressionException>(() => Reconstruction.Run(facts, fitted, 1, scores: null, 1, 1, SilentReporter.Instance));

        Assert.AreEqual("CMP4503", error.Diagnostic.Code);
    }

    /// <summary>Also where half of a convolution's positions lie in pads for one size and fewer for the other.</summary>
    [TestMethod]
    public void Images_of_several_sizes_are_learned_from_in_blocks_of_channels()
    {
        var builder = new ModelBuilder(2).Input("x", -1, 16, -1, -1).Conv(16, 3).Relu().Conv(16, 3, stride: 2).Relu();
        foreach (var kernel in (int[])[3, 5])
        {
            builder.Op("Conv", [builder.Last, builder.Constant(builder.Random(0.2, 16, 16, kernel, kernel))], node => node.Set("kernel_shape", [kernel, kernel]));
            builder.Relu();
        }
        builder.Conv(16, 1);
        Dictionary<string, Tensor> Feed(int size) => new() { ["x"] = new ModelBuilder(1).Random(1, 4, 16, size, size + 2) };
        var facts = Compressing.Facts(builder.Build(), Feed(16), Feed(28));
        var fitted = PlanApplier.Prepare(facts, Compressing.Uniform(facts, 3, 5), RangeMethod.Mse, 1);

        var reconstructed = Reconstruction.Run(facts, fitted, 40, scores: null, 1, 2, SilentReporter.Instance);

        foreach (var batch in facts.Samples) Assert.IsLessThan(Error(facts, fitted, batch), Error(facts, reconstructed, batch));
    }

    [TestMethod]
    public void An_input_without_samples_along_its_first_axis_is_refused()
    {
        var (facts, plan) = Small();
        var fitted = PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1);
        var turned = facts.Samples[0] with { Samples = facts.Samples[0].Samples + 1 };

        var error = Assert.ThrowsExactly<CompressionException>(() => Reconstruction.Run(facts with { Samples = [turned] }, fitted, 1, scores: null, 1, 1, SilentReporter.Instance));

        Assert.AreEqual("CMP4504", error.Diagnostic.Code);
    }

    [TestMethod]
    public void A_constant_input_needs_no_samples()
    {
        var (facts, _) = Small();
        var batch = facts.Samples[0] with { Inputs = new Dictionary<string, Tensor>(facts.Samples[0].Inputs) { ["table"] = Tensor.Of(new float[3]) } };

        Reconstruction.CheckSamples(facts with { Samples = [batch with { Constants = new HashSet<string> { "table" } }] });

        Assert.ThrowsExactly<CompressionException>(() => Reconstruction.CheckSamples(facts with { Samples = [batch] }));
    }

    [TestMethod]
    public void Samples_are_read_in_the_batches_that_they_are_in_and_in_parts_of_them()
    {
        var set = new CalibrationSet([.. new[] { 4, 4, 3 }.Select((samples, i) => new Batch(SmallNet.Feed(samples, i), new Dictionary<string, Tensor>(), samples))]);
        float[] all = [.. set.Read(0, 11, 4).SelectMany(batch => batch.Inputs["x"].Floats())];

        Assert.AreEqual(11, set.Count);
        Assert.HasCount(11 * 72, all);
        CollectionAssert.AreEqual(all[(2 * 72)..(9 * 72)], set.Read(2, 7, 3).SelectMany(batch => batch.Inputs["x"].Floats()).ToArray());
        CollectionAssert.AreEqual(new[] { 2, 3, 1, 1 }, set.Read(2, 7, 3).Select(batch => batch.Samples).ToArray());
    }

    [TestMethod]
    public void Every_eighth_batch_is_held_back_every_eighth_sample_of_few_batches_and_of_few_samples_none()
    {
        IReadOnlyList<Batch> Batches(int count, int samples) => [.. Enumerable.Range(0, count).Select(i => new Batch(SmallNet.Feed(samples, i), new Dictionary<string, Tensor>(), samples))];
        var many = Batches(17, 1);

        CollectionAssert.AreEqual(new[] { many[7], many[15] }, Reconstruction.Split(many).HeldBack.ToArray());
        Assert.HasCount(15, Reconstruction.Split(many).Learned);
        var (learned, heldBack) = Reconstruction.Split(Batches(3, 10));
        CollectionAssert.AreEqual(new[] { 9, 9, 9 }, learned.Select(batch => batch.Samples).ToArray());
        CollectionAssert.AreEqual(Batches(3, 10)[1].Inputs["x"].Floats()[(5 * 72)..(6 * 72)], heldBack[1].Inputs["x"].Floats()); // sample 15 of all
        Assert.IsEmpty(Reconstruction.Split(Batches(1, 7)).HeldBack);
    }

    [TestMethod]
    public void A_model_that_takes_so_many_samples_and_no_others_is_refused()
    {
        var builder = new ModelBuilder(2).Input("x", 4, 2, 6, 6).Conv(8, 3).Relu().Conv(4, 3);
        var facts = Compressing.Facts(builder.Build(), SmallNet.Feed(4, 1));

        Assert.AreEqual("CMP4504", Assert.ThrowsExactly<CompressionException>(() => Reconstruction.CheckSamples(facts)).Diagnostic.Code);
    }

    [TestMethod]
    public void One_pass_is_enough_to_move_weights()
    {
        // Merely rounded weights: fitted ones may be as good as one pass can make them.
        var (facts, plan) = Small();
        var rounded = PlanApplier.Roughly(facts, plan);

        var reconstructed = Reconstruction.Run(facts, rounded, 1, scores: null, 1, 1, SilentReporter.Instance);

        CollectionAssert.AreNotEqual(TrainedWeights.Write(rounded.Layers), TrainedWeights.Write(reconstructed.Layers));
    }

    /// <summary>Sequences of 4 and of 7 vectors, a residual block of dense layers, their sum over the positions.</summary>
    private static (ModelFacts Facts, CompressionPlan Plan) SmallSequences(int bits, bool cut)
    {
        var builder = new ModelBuilder(3).Input("x", -1, -1, 6);
        string Dense(string input, int from, int to) => builder.Op("MatMul", [input, builder.Constant(builder.Random(Math.Sqrt(1.0 / from), from, to))]);
        var first = Dense("x", 6, 16);
        var hidden = builder.Op("Relu", [Dense(first, 16, 32)]);
        var last = builder.Op("Add", [first, Dense(hidden, 32, 16)]);
        builder.Op("ReduceSum", [Dense(last, 16, 4), builder.Constant(Tensor.List(1))]);
        Dictionary<string, Tensor> Feed(int i) => new() { ["x"] = new ModelBuilder(20 + i).Random(1, 16, i % 2 == 0 ? 4 : 7, 6) };
        var facts = Compressing.Facts(builder.Build(), [.. Enumerable.Range(0, 40).Select(Feed)]);
        var group = facts.Groups.Open.Single(group => group.Constants.Any(slices => slices.Value == facts.Layers[1].Weight && slices.Axis == 1));
        return (facts, Compressing.Plan(facts, _ => bits, _ => 8, cut ? [new ChannelCut(group.Id, [.. Enumerable.Range(0, 16)])] : []));
    }

    private static (ModelFacts Facts, CompressionPlan Plan) Small()
    {
        var facts = SmallNet.Facts(batches: 8);
        var group = facts.Groups.Open.First(group => group.Constants.Any(slices => slices.Value == facts.Layers[1].Weight && slices.Axis == 0));
        return (facts, Compressing.Plan(facts, _ => 3, _ => 5, new ChannelCut(group.Id, [0, 2, 5, 6])));
    }
}
