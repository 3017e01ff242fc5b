using Compress.Analysis;
using Compress.Apply;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime;
using Compress.Runtime.Operators;
using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>A graph to train is the same function with the operator of our own on its grids and with ordinary ones.</summary>
[TestClass]
public sealed class ActivationGridsTests
{
    [TestMethod]
    public void Values_on_grids_have_the_same_gradients_with_either_operators()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var prepared = PlanApplier.Roughly(facts, plan);
        var feed = SmallNet.Feed(16, seed: 3);

        var (expected, actual) = (Run(prepared, feed, isOwn: false), Run(prepared, feed, isOwn: true));

        CollectionAssert.AreEquivalent(expected.Keys.ToArray(), actual.Keys.ToArray());
        foreach (var (name, values) in expected)
        {
            // A step's is a sum of thousands of either sign, each to half of the last digit that a place has.
            var tolerance = (name.EndsWith(".step", StringComparison.Ordinal) ? 5e-3f : 1e-4f) * Math.Max(1e-3f, values.Max(Math.Abs));
            for (var i = 0; i < values.Length; i++) Assert.AreEqual(values[i], actual[name][i], tolerance, name);
        }
    }

    private static Dictionary<string, float[]> Run(PreparedPlan prepared, Dictionary<string, Tensor> feed, bool isOwn)
    {
        var model = OpsetUpgrade.To(prepared.Pruned.Model, GradientGraph.Opset).Clone();
        var steps = ActivationGrids.Put(model, prepared, isOwn);
        Assert.AreEqual(isOwn, model.Graph.Nodes.Exists(node => node.Domain == OwnOperators.Domain));
        Assert.AreNotEqual(isOwn, model.Graph.Nodes.Exists(node => node.Op == "QuantizeLinear"));
        var dims = ObservedShapes.Observe(model, feed).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        var output = model.Graph.Outputs[0].Name;
        string[] wanted = [.. prepared.Pruned.Layers.Select(layer => layer.Weight), .. steps.Values];
        var made = GradientGraph.Of(model, dims, new GradientRequest(new Dictionary<string, string> { [output] = "seed" }, wanted) { Forward = [output] });
        using var session = new Session(made.Model, new SessionSettings(FuseQuantized: false));
        var results = session.Run(new Dictionary<string, Tensor>(feed) { ["seed"] = new Compress.Testing.ModelBuilder(6).Random(1, dims[output]) });
        return made.Gradients.ToDictionary(gradient => gradient.Key, gradient => results[gradient.Value].Floats()).Append(new(output, results[output].Floats())).ToDictionary();
    }
}
