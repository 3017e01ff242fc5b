using Compress.Analysis;
using Compress.Apply;
using Compress.Core.Tests.Apply;
using Compress.Core.Tests.Evaluate;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Testing;
using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>Labels are class numbers, also one at each position, or values of the output's shape.</summary>
[TestClass]
public sealed class LabelsTests
{
    [TestMethod]
    [DataRow("classes", "integers", new long[] { 8 }, true, DisplayName = "one class a sample")]
    [DataRow("positions", "integers", new long[] { 8, 6, 6 }, true, DisplayName = "one class at each position")]
    [DataRow("positions", "integers", new long[] { 8, 3, 6, 6 }, false, DisplayName = "integers for all values")]
    [DataRow("positions", "floats", new long[] { 8, 3, 6, 6 }, false, DisplayName = "values")]
    [DataRow("one", "integers", new long[] { 8 }, false, DisplayName = "where there is one output, integers are values")]
    [DataRow("classes", "floats", new long[] { 8 }, null, DisplayName = "fractions are no classes")]
    [DataRow("classes", "whole", new long[] { 8 }, true, DisplayName = "whole numbers of a file that has no integers are")]
    [DataRow("sequence", "integers", new long[] { 8, 36 }, true, DisplayName = "one class at each step of a sequence")]
    [DataRow("positions", "integers", new long[] { 8, 6 }, null, DisplayName = "too few")]
    public void What_labels_are_follows_from_the_output(string model, string type, long[] dims, bool? areClasses)
    {
        var count = Tensor.ElementCount(dims);
        var labels = type switch
        {
            "integers" => Tensor.Of([.. Enumerable.Range(0, (int)count).Select(i => i % 3L)], dims),
            "whole" => Tensor.Of([.. Enumerable.Range(0, (int)count).Select(i => i % 3f)], dims),
            _ => new ModelBuilder().Random(1, dims),
        };
        var data = new MemoryDataset(SmallNet.Feed(8, 1), new Dictionary<string, Tensor> { ["labels"] = labels });
        Labels Of() => Labels.Of("labels", Model(model), data);

        if (areClasses is { } expected)
        {
            Assert.AreEqual(expected, Of().AreClasses);
            Assert.AreEqual(expected && model == "classes", Of().AreOfWholeSamples);
            return;
        }
        var error = Assert.Throws<CompressionException>(() => Of());
        Assert.AreEqual("CMP3029", error.Diagnostic.Code);
        StringAssert.Contains(error.Diagnostic.Message, "'labels'");
    }

    [TestMethod]
    public void Values_are_learned_where_they_are_known()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var start = PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1);
        var feed = SmallNet.Feed(512, 99);
        var wanted = Outputs(facts.Model, feed).Select((value, i) => i % 4 < 2 ? (value + 1) * 100 : float.NaN).ToArray();
        var data = new MemoryDataset(feed, new Dictionary<string, Tensor> { ["labels"] = Tensor.Of(wanted, 512, 4) });

        foreach (var distill in (bool[])[false, true])
        {
            var settings = new TrainingSettings { Labels = Labels.Of("labels", facts.Model, data, scale: 0.01f), Distill = distill, Epochs = 10, BatchSize = 64, Rate = 0.02, Seed = 3 };
            var trained = Trainer.Run(facts, start, data, settings, SilentReporter.Instance);

            double Error(PreparedPlan prepared) => Outputs(PlanApplier.Write(prepared, false).Model, feed).Zip(wanted).Where(pair => float.IsFinite(pair.Second)).Average(pair => Math.Pow(pair.First - (0.01 * pair.Second), 2));
            Assert.IsLessThan(0.5 * Error(start), Error(trained), $"distill: {distill}");
        }
    }

    /// <summary>A shard that knows nothing must not spoil the others.</summary>
    [TestMethod]
    public void Samples_without_any_known_value_change_nothing()
    {
        var labels = new Labels("labels", false, [1, 2]);
        var feed = new Dictionary<string, Tensor>();

        labels.Feed(feed, new(SmallNet.Feed(2, 1), new Dictionary<string, Tensor> { ["labels"] = Tensor.Of([float.NaN, float.NaN, float.NaN, float.NaN], 2, 2) }, 2));

        Assert.IsTrue(feed.Values.All(tensor => tensor.Floats().All(value => value == 0)));
    }

    /// <summary>A class at each step of sequences that are not of one length.</summary>
    [TestMethod]
    public void Labels_of_positions_follow_the_size_of_their_samples()
    {
        var builder = new ModelBuilder(2).Input("x", -1, -1, 6);
        builder.Op("MatMul", ["x", builder.Constant(builder.Random(0.5, 6, 16), "w1")]);
        builder.Relu().Op("MatMul", [builder.Last, builder.Constant(builder.Random(0.5, 16, 3), "w2")]);
        Dictionary<string, Tensor>[] feeds = [Feed(5), Feed(9)];
        var facts = Compressing.Facts(builder.Build(), feeds);
        var data = new CalibrationSet([.. feeds.Select(feed => new Batch(feed, new Dictionary<string, Tensor> { ["labels"] = Tensor.Of(Classes(facts.Model, feed), 8, feed["x"].Dims[1]) }, 8))]);
        var start = PlanApplier.Roughly(facts, Compressing.Uniform(facts, 2, 4));
        var settings = new TrainingSettings { Labels = Labels.Of("labels", facts.Model, data), Distill = false, Epochs = 60, BatchSize = 8, Rate = 0.02, Seed = 3 };

        var trained = Trainer.Run(facts, start, data, settings, SilentReporter.Instance);

        int Right(PreparedPlan prepared) => feeds.Sum(feed => Classes(PlanApplier.Write(prepared, false).Model, feed).Zip(Classes(facts.Model, feed)).Count(pair => pair.First == pair.Second));
        Assert.IsGreaterThan(Right(start), Right(trained));

        static Dictionary<string, Tensor> Feed(int steps) => new() { ["x"] = new ModelBuilder(steps).Random(1, 8, steps, 6) };
    }

    /// <summary>The largest of three at each step.</summary>
    private static long[] Classes(OnnxModel model, Dictionary<string, Tensor> feed) => [.. Outputs(model, feed).Chunk(3).Select(step => (long)Array.IndexOf(step, step.Max()))];

    [TestMethod]
    public void A_class_that_the_output_does_not_have_is_refused_and_a_negative_one_is_not_known()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var start = PlanApplier.Prepare(facts, plan, RangeMethod.Mse, 1);
        PreparedPlan Train(Func<int, long> label)
        {
            var data = new MemoryDataset(SmallNet.Feed(64, 1), new Dictionary<string, Tensor> { ["labels"] = Tensor.Of([.. Enumerable.Range(0, 64).Select(label)], 64) });
            return Trainer.Run(facts, start, data, new TrainingSettings { Labels = Labels.Of("labels", facts.Model, data, at: new("policy.yaml", 7, 11)), Distill = false, Epochs = 2, BatchSize = 32, WeightDecay = 0, Seed = 3 }, SilentReporter.Instance);
        }
        byte[] Written(PreparedPlan prepared) => OnnxWriter.ToBytes(PlanApplier.Write(prepared, false).Model);

        var error = Assert.Throws<CompressionException>(() => Train(i => i == 40 ? 4 : 1));
        Assert.AreEqual(("CMP3030", 7), (error.Diagnostic.Code, error.Diagnostic.Location?.Line));
        StringAssert.Contains(error.Diagnostic.Message, "0 to 3");

        CollectionAssert.AreEqual(Written(Train(_ => -1)), Written(Train(_ => -7)));
        CollectionAssert.AreNotEqual(Written(Train(_ => -1)), Written(Train(_ => 3)));
        Assert.AreEqual(0, Outputs(PlanApplier.Write(start, false).Model, SmallNet.Feed(8, 2)).Zip(Outputs(PlanApplier.Write(Train(_ => -1), false).Model, SmallNet.Feed(8, 2)), (a, b) => Math.Abs(a - b)).Max(), 1e-6);
    }

    private static float[] Outputs(OnnxModel model, Dictionary<string, Tensor> feed) => Compressing.Run(model, feed).Values.Single().Floats();

    private static OnnxModel Model(string name)
    {
        var builder = new ModelBuilder(2).Input("x", -1, 2, 6, 6).Conv(3, 3);
        if (name == "sequence")
        {
            builder.Op("Transpose", [builder.Op("Reshape", [builder.Last, builder.Constant(Tensor.List(0, 3, 36))])], node => node.Set("perm", [0L, 2, 1]));
            return builder.Build();
        }
        return name == "positions" ? builder.Build() : builder.Flatten().Dense(name == "one" ? 1 : 3, 108).Build();
    }
}
