using Compress.Analysis;
using Compress.Apply;
using Compress.Core.Tests.Apply;
using Compress.Core.Tests.Evaluate;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Testing;
using Compress.Training;

namespace Compress.Core.Tests.Training;

[TestClass]
public sealed class TrainerTests
{
    private static readonly TrainingSettings Settings = new() { Epochs = 12, BatchSize = 64, Rate = 0.02, Seed = 3 };

    /// <summary>3-bit weights and 5-bit activations, merely rounded: training takes the error of the written integer model, on samples it has not seen, to half.</summary>
    [TestMethod]
    public void A_small_net_is_trained_to_a_given_loss_twice_with_the_same_bytes()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var start = PlanApplier.Roughly(facts, plan);
        byte[] Trained(int threads, out PreparedPlan trained)
        {
            trained = Trainer.Run(facts, start, Data(1024), Settings with { Threads = threads, Epochs = 24 }, SilentReporter.Instance);
            return TrainedWeights.Write(trained.Layers);
        }

        var once = Trained(1, out var trained);
        CollectionAssert.AreEqual(once, Trained(3, out _), "on three threads");

        var (before, after) = (SmallNet.Error(facts, start), SmallNet.Error(facts, trained));
        Assert.IsLessThan(before / 2, after, $"{before} before, {after} after");
        Assert.IsLessThan(0.2, after);
    }

    /// <summary>A model that takes one sample at a time gives a batch as many shards as it has samples: they are added up in groups, in the order in which one pass over all would.</summary>
    [TestMethod]
    public void Shards_beyond_a_group_count_like_those_in_it()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var start = PlanApplier.Roughly(facts, plan);
        PreparedPlan Trained(int largest, int threads) =>
            Trainer.Run(facts, start, new MemoryDataset(SmallNet.Feed(64, 99)) { LargestBatch = largest }, Settings with { Threads = threads, Epochs = 8 }, SilentReporter.Instance);

        var alone = Trained(largest: 1, threads: 1);
        CollectionAssert.AreEqual(TrainedWeights.Write(alone.Layers), TrainedWeights.Write(Trained(largest: 1, threads: 12).Layers), "groups of 24 instead of 16");

        var (exact, together) = (SmallNet.Error(facts, start), SmallNet.Error(facts, Trained(largest: 16, threads: 1)));
        Assert.AreEqual(together, SmallNet.Error(facts, alone), 0.1 * Math.Abs(exact - together));
    }

    [TestMethod]
    public void Trained_weights_lie_on_the_grids_that_the_plan_asks_for()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var trained = Trainer.Run(facts, PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1), Data(128), Settings with { Epochs = 2 }, SilentReporter.Instance);

        foreach (var task in trained.Tasks.Where(task => task.Bits < 32))
        {
            var rounded = trained.Layers[task.Layer.Name].Weights!;
            Assert.IsTrue(rounded.Codes.All(code => code >= task.Grid.Low && code <= task.Grid.High), task.Layer.Name);
            CollectionAssert.AreEqual(rounded.Dequantized(), WeightMatrix.Of(task.Layer, Tensor.Of(trained.Layers[task.Layer.Name].FloatWeights, trained.Pruned.Model.Graph.Constants[task.Layer.Weight].Dims)).Values);
        }
        Assert.IsTrue(trained.Grids.All(grid => grid.Value.Bits == trained.Grids[grid.Key].Bits && grid.Value.Scale > 0));
    }

    [TestMethod]
    public void What_is_kept_gives_the_same_model_again()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var trained = Trainer.Run(facts, PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1), Data(128), Settings with { Epochs = 2 }, SilentReporter.Instance);

        var again = TrainedWeights.Read(TrainedWeights.Write(trained.Layers), PlanApplier.Roughly(facts, plan) with { Grids = trained.Grids })!;

        CollectionAssert.AreEqual(OnnxWriter.ToBytes(PlanApplier.Write(trained, false).Model), OnnxWriter.ToBytes(PlanApplier.Write(again, false).Model));
        Assert.IsNull(TrainedWeights.Read([1, 2, 3], PlanApplier.Roughly(facts, plan)));
    }

    /// <summary>With position-scaled gradients nothing is rounded until the end, and the rounded net is better than the one that training started from.</summary>
    [TestMethod]
    public void Weights_come_to_rest_near_the_grid_where_gradients_are_scaled_by_position()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        plan = Compressing.Uniform(facts, weights: 4, activations: 8);
        var start = PlanApplier.Roughly(facts, plan);
        double Distance(Learned learned) => learned.Plan.Tasks.Average(task =>
        {
            var (rounded, exact) = (learned.Plan.Layers[task.Layer.Name], WeightMatrix.Of(task.Layer, learned.Exact[task.Layer.Name]).Values);
            return rounded.Weights!.Dequantized().Zip(exact, (a, b) => Math.Abs(a - b) / rounded.Weights.Scales.Average()).Average();
        });
        Learned Run(bool scaled) => Trainer.Learn(facts.Model, start, Data(1024), Settings with { PositionScaled = scaled, Rate = 0.01 }, SilentReporter.Instance, null, default);

        var (plain, settled) = (Run(scaled: false), Run(scaled: true));

        Assert.IsLessThan(0.7 * Distance(plain), Distance(settled));
        Assert.IsLessThan(SmallNet.Error(facts, start), SmallNet.Error(facts, settled.Plan));
    }

    [TestMethod]
    public void Labels_are_learned_without_a_teacher_too()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var start = PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1);
        var data = Labelled(512, facts);
        var settings = Settings with { Labels = Labels.Of("labels", facts.Model, data), Scores = facts.Model.Graph.Outputs[0].Name, Epochs = 6 };

        foreach (var own in (TrainingSettings[])[settings, settings with { Distill = false }, settings with { Optimizer = OptimizerKind.Sgd, Schedule = RateSchedule.Step, WeightDecay = 0.01 }])
        {
            var trained = Trainer.Run(facts, start, data, own, SilentReporter.Instance);
            Assert.IsGreaterThan(Right(start, data), Right(trained, data), own.ToString());
        }
    }

    [TestMethod]
    public void A_loss_that_is_no_number_ends_the_training()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var feed = SmallNet.Feed(64, 1);
        feed["x"].Floats()[7] = float.NaN;

        var error = Assert.Throws<CompressionException>(() => Trainer.Run(facts, PlanApplier.Roughly(facts, plan), new MemoryDataset(feed), Settings, SilentReporter.Instance));

        Assert.AreEqual("CMP4506", error.Diagnostic.Code);
    }

    /// <summary>A second output with the class's number is nothing to come near to.</summary>
    [TestMethod]
    public void Outputs_that_are_no_floats_are_left_out()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var model = facts.Model.Clone();
        model.Graph.Nodes.Add(new Node("ArgMax", [model.Graph.Outputs[0].Name], ["class"]).Set("axis", 1));
        model.Graph.Outputs.Add(new Onnx.ValueInfoProto { Name = "class", Type = new() { TensorType = new() { ElemType = (int)Onnx.TensorProto.Types.DataType.Int64 } } });
        facts = Compressing.Facts(model, [.. facts.Samples.Select(batch => batch.Inputs)]);
        var start = PlanApplier.Roughly(facts, plan);

        CollectionAssert.AreNotEqual(TrainedWeights.Write(start.Layers), TrainedWeights.Write(Trainer.Run(facts, start, Data(64), Settings with { Epochs = 2 }, SilentReporter.Instance).Layers));
    }

    [TestMethod]
    public void Training_can_be_cancelled()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.Throws<OperationCanceledException>(() => Trainer.Run(facts, PlanApplier.Roughly(facts, plan), Data(64), Settings, SilentReporter.Instance, null, cancellation.Token));
    }

    [TestMethod]
    [DataRow(4, 64, "trained epoch 2:", "going on after epoch 2", DisplayName = "after an epoch")]
    [DataRow(2, 32, "trained 25 % of epoch 2:", "going on within epoch 2", DisplayName = "within one that takes long")]
    public void An_interrupted_training_goes_on_and_gives_the_same_bytes(int epochs, int batch, string at, string on)
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var start = PlanApplier.Roughly(facts, plan);
        var settings = Settings with { Epochs = epochs, BatchSize = batch };
        byte[] Run(Checkpoints? checkpoints, IReporter reporter, CancellationToken cancellation) =>
            TrainedWeights.Write(Trainer.Run(facts, start, Data(256), settings, reporter, checkpoints, cancellation).Layers);
        var states = new Dictionary<int, byte[]>();
        var kept = new Checkpoints(epoch => states.GetValueOrDefault(epoch), (epoch, state) => states.Add(epoch, state()));
        using var cancellation = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => Run(kept, new Heard { OnStage = stage => { if (stage.StartsWith(at, StringComparison.Ordinal)) cancellation.Cancel(); } }, cancellation.Token));
        states.Remove(1); // a full cache lets go of the oldest
        var heard = new Heard();
        var resumed = Run(kept, heard, default);

        Assert.AreEqual(on, heard.Stages[0]);
        Assert.IsLessThan(states.Count, heard.Stages.Count - 1, "told again of what was done before");
        CollectionAssert.AreEqual(Run(null, SilentReporter.Instance, default), resumed);
    }

    [TestMethod]
    public void Transposed_and_depthwise_convolutions_pruned_channels_and_float_layers_are_trained()
    {
        var builder = new ModelBuilder(4).Input("x", -1, 2, 6, 6).Conv(8, 3).Relu().Conv(8, 3, group: 8, bias: false).Relu();
        builder.Op("ConvTranspose", [builder.Last, builder.Constant(builder.Random(0.3, 8, 2, 2, 2), "w"), builder.Constant(builder.Random(0.1, 2), "b")], node => node.Set("strides", [2, 2]).Set("kernel_shape", [2, 2]));
        var facts = Compressing.Facts(builder.Build(), SmallNet.Feed(16, 1));
        var group = facts.Groups.Groups.First(group => group.Channels == 8);
        var plan = Compressing.Plan(facts, layer => layer.Kind == LayerKind.ConvTranspose ? 32 : 3, _ => 5, new ChannelCut(group.Id, [0, 1, 2, 4, 5, 7]));
        var start = PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1);

        var trained = Trainer.Run(facts, start, Data(1024), Settings, SilentReporter.Instance);

        Assert.IsLessThan(0.8 * SmallNet.Error(facts, start), SmallNet.Error(facts, trained));
    }

    private static MemoryDataset Data(int samples) => new(SmallNet.Feed(samples, 99));

    private static MemoryDataset Labelled(int samples, ModelFacts facts)
    {
        var feed = SmallNet.Feed(samples, 99);
        var logits = Compressing.Run(facts.Model, feed).Values.Single().Floats();
        long[] labels = [.. logits.Chunk(4).Select(row => (long)Array.IndexOf(row, row.Max()))];
        return new(feed, new Dictionary<string, Tensor> { ["labels"] = Tensor.Of(labels, samples) });
    }

    private static double Right(PreparedPlan prepared, MemoryDataset data)
    {
        var batch = data.Read(0, data.Count, data.Count).First();
        var logits = Compressing.Run(PlanApplier.Write(prepared, false).Model, batch.Inputs).Values.Single().Floats();
        return logits.Chunk(4).Zip(batch.Extras["labels"].Integers()).Count(pair => Array.IndexOf(pair.First, pair.First.Max()) == pair.Second);
    }
}
