using Compress.Apply;
using Compress.Core.Tests.Apply;
using Compress.Core.Tests.Evaluate;
using Compress.Core.Tests.Search;
using Compress.Diagnostics;
using Compress.Data;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search;
using Compress.Search.Trained;
using Compress.Testing;
using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>Gates, learned ranges and the cost in the loss (DJPQ): against central differences, and by what is learned.</summary>
[TestClass]
public sealed class JointLearningTests
{
    [TestMethod]
    public void Gates_have_the_gradients_of_the_loss_under_their_noise_and_of_the_penalty()
    {
        const double Penalty = 0.01;
        var facts = SmallSearch.Open(SmallSearch.Network()).Facts;
        var prepared = PlanApplier.Roughly(facts, CompressionPlan.Untouched(facts.Layers.Select(layer => layer.Name)));
        var gates = new ChannelGates(facts.Groups.Open, facts.Shapes, Penalty);
        var x = new ModelBuilder(3).Random(1, 1, 3, 8, 8);
        var taught = Taught.Of(facts.Model.Graph, facts.Model.Graph, facts.Layers, new TrainingSettings());
        var graph = TrainingGraph.Of(prepared, facts.Layers, new TrainingSettings(), taught, new Batch(new Dictionary<string, Tensor> { ["x"] = x }, new Dictionary<string, Tensor>(), (int)x.Dims[0]), taught.Values.ToDictionary(value => value, _ => 1f), gates);
        using var session = new Session(graph.Model, new SessionSettings(FuseQuantized: false));
        IReadOnlyDictionary<string, Tensor> Run()
        {
            var feed = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(4).Random(1, 6, 3, 8, 8), [TrainingGraph.TeacherInput(taught.Outputs[0])] = new ModelBuilder(5).Random(1, 6, 4) };
            foreach (var layer in facts.Layers)
            {
                feed[layer.Weight] = facts.Model.Graph.Constants[layer.Weight];
                feed[TrainingGraph.BiasInput(layer)!] = facts.Model.Graph.Constants[layer.Bias!];
            }
            gates.Feed(feed);
            gates.Feed(feed, 6, new Random(6));
            return session.Run(feed);
        }
        double Objective() => Run()[graph.Loss].Floats()[0] + (Penalty * facts.Groups.Open.Where(group => gates.Has(group.Id)).Sum(group => gates.Signals(group.Id).Sum(signal => Math.Log(1 + Math.Exp(signal)))));

        Assert.IsTrue(facts.Groups.Open.All(group => gates.Has(group.Id)));
        var results = Run();
        gates.Take(input => results[graph.Gradients[input]].Floats(), 1);
        foreach (var parameter in gates.Parameters)
            for (var i = 0; i < parameter.Values.Length; i += 3) AssertSlope(parameter, i, Objective, 0.02f, 0.03);
    }

    [TestMethod]
    public void The_cost_in_the_loss_has_its_gradients_by_bits_ranges_and_gates()
    {
        const double Beta = 0.7;
        var context = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Quantize = new QuantizePolicy { Weights = [2, 4, 8], Activations = [4, 8] } });
        var (gates, weights, activations, learning, problem) = Parts(context);
        foreach (var parameter in gates.Parameters.Concat(weights.SelectMany(range => new[] { range.High, range.Step })).Concat(activations.SelectMany(range => new[] { range.High, range.Step })))
            for (var i = 0; i < parameter.Values.Length; i++) parameter.Values[i] += 0.05f * ((i % 5) - 1);
        foreach (var parameter in gates.Parameters.Where((_, i) => i % 2 == 1))
            for (var i = 0; i < parameter.Values.Length; i++) parameter.Values[i] += 2; // signals near the threshold
        learning.AddCost(Beta);

        // The formula once more: BOP_l = kept in · kept out · MACs · weight bits · activation bits.
        double Kept(IReadOnlyList<(int Choice, int Width)> axis, long channels) =>
            1 - (axis.Sum(part => part.Width * gates.Signals(problem.Choices[part.Choice].Name).Sum(signal => 1 / (1 + Math.Exp(signal)))) / channels);
        var byChoice = Ranges(context, weights, activations);
        double Objective() => Beta * problem.Layers.Sum(layer => Math.Log(layer.Shape.Macs * Kept(layer.Out, layer.Shape.OutChannels) * Kept(layer.In, layer.Shape.InChannels)
            * (byChoice.GetValueOrDefault(layer.Weight)?.Bits ?? layer.WeightBits) * (byChoice.GetValueOrDefault(layer.Activation)?.Bits ?? layer.ActivationBits)));

        foreach (var parameter in gates.Parameters.Concat(byChoice.Values.SelectMany(range => new[] { range.High, range.Step })))
            for (var i = 0; i < parameter.Values.Length; i++) AssertSlope(parameter, i, Objective, 1e-3f, 2e-3);
    }

    [TestMethod]
    public void A_range_keeps_its_bits_within_bounds()
    {
        var range = new LearnedRange(high: 3, below: 0.5, least: 4, most: 8);
        Assert.AreEqual(8, range.Bits, 1e-4);
        Assert.AreEqual(4.5 / 255, range.Bounded().Step, 1e-6);

        range.Step.Values[0] += 10;
        Assert.AreEqual(4.5 / 15, range.Bounded().Step, 1e-5);
        Assert.AreEqual(4, range.Bits, 1e-4);
    }

    /// <summary>Outputs hang on half of the channels: those keep their signal under a pressure on cost, the others lose it, and bits go down.</summary>
    [TestMethod]
    public void Pressure_on_cost_takes_idle_channels_and_bits()
    {
        var builder = new ModelBuilder(5).Input("x", -1, 3, 8, 8).Conv(8, 3).Relu();
        builder.Op("Conv", [builder.Last, builder.Constant(Halved(builder.Random(0.5, 6, 8, 3, 3)), "w"), builder.Constant(builder.Random(0.1, 6), "b")], node => node.Set("kernel_shape", [3, 3]));
        var context = SmallSearch.Open(builder.Relu().GlobalPool().Flatten().Dense(4, 6).Build());
        var (gates, weights, _, learning, _) = Parts(context, layers: null, share: 0.3);
        var first = learning.Cost();
        var prepared = PlanApplier.Roughly(context.Facts, CompressionPlan.Untouched(context.Facts.Layers.Select(layer => layer.Name)));
        JointLearning? used = null;
        Trainer.Learn(context.Facts.Model, prepared, new MemoryDataset(new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(7).Random(1, 256, 3, 8, 8) }), new TrainingSettings { Epochs = 40, Rate = 0.05 }, SilentReporter.Instance, null, default, layers =>
        {
            (gates, weights, _, used, _) = Parts(context, layers, share: 0.3);
            return used;
        });

        var signals = gates.Signals(context.Facts.Groups.Open.First().Id);
        Assert.IsGreaterThan(signals[..4].Average() + 1, signals[4..].Average());
        Assert.IsLessThan(0.6 * first, used!.Cost());
        Assert.IsTrue(weights.Any(range => range.Bits < 7), string.Join(' ', weights.Select(range => range.Bits)));
    }

    [TestMethod]
    public void Without_training_there_is_no_djpq() =>
        Assert.AreEqual("CMP1045", Assert.ThrowsExactly<CompressionException>(() => Methods.Of(Method.Djpq)).Diagnostic.Code);

    private static (ChannelGates Gates, LearnedRange[] Weights, LearnedRange[] Activations, JointLearning Learning, ChoiceProblem Problem) Parts(SearchContext context, IReadOnlyList<LearnedLayer>? layers = null, double share = 1)
    {
        layers ??= [.. context.Facts.Layers.Select(layer => new LayerTask(layer, 32)).Select(task => new LearnedLayer(task, context.Facts.Model.Graph.Constants[task.Layer.Weight], WithoutData.Round(context.Facts.Model, task), TrainingGraph.BiasInput(task.Layer)))];
        var space = Space(context);
        var part = DjpqMethod.Parts(context, space, new Dictionary<Resource, double> { [Resource.Bops] = share * space.Problem(new Dictionary<Resource, double>()).Cost(Resource.Bops, new int[space.Problem(new Dictionary<Resource, double>()).Choices.Count]) }, layers);
        return (part.Gates, [.. part.Weights.OrderBy(entry => entry.Key).Select(entry => entry.Value)], [.. part.Activations.OrderBy(entry => entry.Key).Select(entry => entry.Value)], part.Learning, space.Problem(new Dictionary<Resource, double>()));
    }

    private static Dictionary<int, LearnedRange> Ranges(SearchContext context, LearnedRange[] weights, LearnedRange[] activations)
    {
        var space = Space(context);
        return space.Weights.Values.Order().Zip(weights).Concat(space.Activations.Values.Order().Zip(activations)).ToDictionary(entry => entry.First, entry => entry.Second);
    }

    private static ChoiceSpace Space(SearchContext context) => new(context, DjpqMethod.Unmeasured(context), context.Sketch(UniformPlan.Of(context, 8, 8)));

    private static void AssertSlope(Parameter parameter, int i, Func<double> objective, float step, double tolerance)
    {
        var kept = parameter.Values[i];
        var (up, down) = (kept + step, kept - step);
        parameter.Values[i] = up;
        var above = objective();
        parameter.Values[i] = down;
        var below = objective();
        parameter.Values[i] = kept;
        var expected = (above - below) / ((double)up - down);
        Assert.AreEqual(expected, parameter.Gradient[i], tolerance * Math.Max(0.02, Math.Abs(expected)), $"{i} of {parameter.Values.Length}");
    }

    private static Tensor Halved(Tensor weights) => Tensor.Of([.. weights.Floats().Select((w, i) => i / 9 % 8 < 4 ? w / 1000 : w)], weights.Dims);
}
