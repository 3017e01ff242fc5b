using Compress.Analysis;
using Compress.Apply;
using Compress.Core.Tests.Apply;
using Compress.Core.Tests.Evaluate;
using Compress.Diagnostics;
using Compress.Data;
using Compress.Graph;
using Compress.Plan;
using Compress.Runtime;
using Compress.Testing;
using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>Noise on weights: gradients against central differences of the whole objective in double precision, and what noise is learned where.</summary>
[TestClass]
public sealed class VariationalDropoutTests
{
    private const int Inputs = 5, Outputs = 3, Rows = 4, Samples = 7;

    /// <summary>Images of another size than in calibration.</summary>
    [TestMethod]
    public void Outputs_that_no_noise_can_be_drawn_for_are_a_coded_error()
    {
        Dictionary<string, Tensor> Images(int samples, int side) => new() { ["x"] = new ModelBuilder(4).Random(1, samples, 2, side, side) };
        var facts = Compressing.Facts(new ModelBuilder(3).Input("x", -1, 2, -1, -1).Conv(4, 3).GlobalPool().Flatten().Dense(2, 4).Build(), Images(1, 8));
        var start = PlanApplier.Roughly(facts, CompressionPlan.Untouched(facts.Layers.Select(layer => layer.Name)));
        void Learn(int side) => Trainer.Learn(facts.Model, start, new MemoryDataset(Images(32, side)), new TrainingSettings { Epochs = 1 }, SilentReporter.Instance, null, default, layers => new VariationalDropout(layers, perWeight: false, most: 8, Samples, facts.Shapes));

        Learn(side: 8);
        var refused = Assert.ThrowsExactly<CompressionException>(() => Learn(side: 9));
        Assert.AreEqual("CMP4509", refused.Diagnostic.Code);
        StringAssert.Contains(refused.Diagnostic.Message, "[16, 4, 9, 9] for 16 samples");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Gradients_are_those_of_the_loss_under_noise_plus_the_weighed_divergence(bool perWeight)
    {
        var facts = Compressing.Facts(new ModelBuilder(3).Input("x", -1, Inputs).Dense(Outputs, Inputs).Build(), new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(4).Random(1, 1, Inputs) });
        var prepared = PlanApplier.Roughly(facts, CompressionPlan.Untouched(facts.Layers.Select(layer => layer.Name)));
        var (task, weight) = (new LayerTask(facts.Layers[0], 32), facts.Model.Graph.Constants[facts.Layers[0].Weight]);
        var layer = new LearnedLayer(task, weight, WithoutData.Round(facts.Model, task), TrainingGraph.BiasInput(task.Layer));
        var dropout = new VariationalDropout([layer], perWeight, most: 8, Samples, facts.Shapes);
        var variance = dropout.Parameters.Single();
        var random = new Random(6);
        for (var i = 0; i < variance.Values.Length; i++) variance.Values[i] = -2 + (float)random.NextDouble();
        var taught = Taught.Of(facts.Model.Graph, facts.Model.Graph, facts.Layers, new TrainingSettings());
        var graph = TrainingGraph.Of(prepared, facts.Layers, new TrainingSettings(), taught, new Batch(new Dictionary<string, Tensor> { ["x"] = new ModelBuilder().Random(1, 1, Inputs) }, new Dictionary<string, Tensor>(), 1), taught.Values.ToDictionary(value => value, _ => 1f), dropout);

        var (x, target) = (new ModelBuilder(8).Random(1, Rows, Inputs), new ModelBuilder(9).Random(1, Rows, Outputs));
        var feed = new Dictionary<string, Tensor> { ["x"] = x, [TrainingGraph.TeacherInput(taught.Outputs[0])] = target };
        layer.Feed(feed);
        dropout.Feed(feed);
        dropout.Feed(feed, Rows, new Random(11));
        using var session = new Session(graph.Model, new SessionSettings(FuseQuantized: false));
        var results = session.Run(feed);
        foreach (var one in (ILearned[])[layer, dropout]) one.Take(input => results[graph.Gradients[input]].Floats(), progress: 1);

        var noise = feed[task.Layer.Weight + ".noise"].Doubles();
        double Objective() => Loss(layer, variance, perWeight, x.Doubles(), noise, target.Doubles());
        foreach (var parameter in (Parameter[])[layer.Weights, layer.Bias!, variance])
            for (var i = 0; i < parameter.Values.Length; i++)
            {
                const float Step = 1e-3f;
                var kept = parameter.Values[i];
                var (up, down) = (kept + Step, kept - Step);
                parameter.Values[i] = up;
                var above = Objective();
                parameter.Values[i] = down;
                var below = Objective();
                parameter.Values[i] = kept;
                var expected = (above - below) / ((double)up - down);
                Assert.AreEqual(expected, parameter.Gradient[i], 2e-3 * Math.Max(0.05, Math.Abs(expected)), $"{i} of {parameter.Values.Length}");
            }
    }

    /// <summary>Mean squared error with the noise as drawn, and ω/N times the divergence of every weight, by their formulas.</summary>
    private static double Loss(LearnedLayer layer, Parameter variance, bool perWeight, double[] x, double[] noise, double[] target)
    {
        double Square(int row) => Math.Pow(layer.Weights.Unit[row], 2);
        double Rate(int row, int column)
        {
            var i = (row * Inputs) + column;
            return perWeight ? Math.Exp(variance.Values[i]) / ((Math.Pow(layer.Weights.Values[i], 2) / Square(row)) + 1e-10) : Math.Exp(variance.Values[row]);
        }
        double sum = 0, divergence = 0;
        for (var row = 0; row < Outputs; row++)
        {
            for (var n = 0; n < Rows; n++)
            {
                var (mean, spread) = ((double)layer.Bias!.Values[row], 1e-8);
                for (var c = 0; c < Inputs; c++)
                {
                    var (w, input) = ((double)layer.Weights.Values[(row * Inputs) + c], x[(n * Inputs) + c]);
                    mean += w * input;
                    spread += (perWeight ? Math.Exp(variance.Values[(row * Inputs) + c]) * Square(row) : Rate(row, c) * w * w) * input * input;
                }
                sum += Math.Pow(mean + (noise[(n * Outputs) + row] * Math.Sqrt(spread)) - target[(n * Outputs) + row], 2);
            }
            for (var c = 0; c < Inputs; c++) divergence += DropoutRate.Divergence(Rate(row, c));
        }
        return (sum / (Rows * Outputs)) + (VariationalDropout.LastWeight / Samples * divergence);
    }

    /// <summary>Half of the channels are multiplied with next to nothing by the layer that reads them: their noise costs nothing.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Channels_that_count_for_little_learn_more_noise(bool perWeight)
    {
        var builder = new ModelBuilder(5).Input("x", -1, 2, 6, 6).Conv(8, 3).Relu();
        builder.Op("Conv", [builder.Last, builder.Constant(Halved(builder.Random(0.5, 4, 8, 3, 3)), "w")], node => node.Set("kernel_shape", [3, 3]));
        var facts = Compressing.Facts(builder.Build(), new Dictionary<string, Tensor> { ["x"] = builder.Random(1, 1, 2, 6, 6) });
        var prepared = PlanApplier.Roughly(facts, CompressionPlan.Untouched(facts.Layers.Select(layer => layer.Name)));
        VariationalDropout Learn(int threads)
        {
            VariationalDropout? dropout = null;
            Trainer.Learn(facts.Model, prepared, new MemoryDataset(new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(7).Random(1, 256, 2, 6, 6) }), new TrainingSettings { Epochs = 60, Rate = 0.06, Threads = threads }, SilentReporter.Instance, null, default,
                layers => dropout = new VariationalDropout(layers, perWeight, 8, 64, facts.Shapes));
            return dropout!;
        }

        var rates = Learn(threads: 1).Rates()[facts.Layers[0].Name];
        CollectionAssert.AreEqual(rates, Learn(threads: 2).Rates()[facts.Layers[0].Name], "on two threads");

        var (idle, busy) = (rates[..(rates.Length / 2)], rates[(rates.Length / 2)..]);
        Assert.IsGreaterThan(4, Math.Exp(idle.Average(Math.Log) - busy.Average(Math.Log)));
        Assert.IsTrue(rates.All(rate => rate >= DropoutRate.Bound(8) * 0.99), "bounded");
    }

    private static Tensor Halved(Tensor weights) => Tensor.Of([.. weights.Floats().Select((w, i) => i / 9 % 8 < 4 ? w / 1000 : w)], weights.Dims);
}
