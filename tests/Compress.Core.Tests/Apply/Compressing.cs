using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Core.Tests.Apply;

/// <summary>A model, what is known of it, a plan, the compressed model: the stages as a compression runs them, without policy and search.</summary>
internal static class Compressing
{
    public static ModelFacts Facts(OnnxModel model, params IReadOnlyDictionary<string, Tensor>[] feeds)
    {
        var folded = SeparateVectors.Apply(Folding.Apply(OpsetUpgrade.To(model, Math.Max(model.Opset, QuantizedGraph.Opset))).Model);
        GraphRules.CheckAfter("folding", folded);
        Batch[] samples = [.. feeds.Select(feed => new Batch(feed, new Dictionary<string, Tensor>(), (int)feed.Values.First().Dims[0]))];
        var (layers, shapes) = (Layers.Of(folded), ObservedShapes.Observe(folded, feeds[0]));
        var values = Placement.Of(folded, layers, shapes, _ => true).Possible.ToList();
        return new ModelFacts(folded, shapes, layers, samples)
        {
            Histograms = Calibration.Run(folded, values, samples, threads: 1),
            Groups = ChannelGroups.Find(folded, shapes),
        };
    }

    /// <summary>The same bits for every layer; fewer than 32 bits for activations mean integer arithmetic.</summary>
    public static CompressionPlan Uniform(ModelFacts facts, int weights, int activations = 8) => Plan(facts, _ => weights, _ => activations);

    public static CompressionPlan Plan(ModelFacts facts, Func<Layer, int> weights, Func<string, int> activations, params ChannelCut[] cuts)
    {
        var arithmetic = facts.Layers.ToDictionary(layer => layer.Name, layer => weights(layer) < 32 && activations(layer.Input) < 32 ? Arithmetic.Integer : Arithmetic.Float);
        var plan = new CompressionPlan
        {
            Layers = facts.Layers.ToImmutableSortedDictionary(layer => layer.Name, layer => new LayerChoice(weights(layer), arithmetic[layer.Name]), StringComparer.Ordinal),
            Cuts = [.. cuts],
        };
        var placement = PlanApplier.Place(PrunedModel.Of(facts, plan.Cuts), plan);
        return plan with { ActivationBits = placement.Grids.ToImmutableSortedDictionary(value => value, activations, StringComparer.Ordinal) };
    }

    public static AppliedPlan Apply(ModelFacts facts, CompressionPlan plan, int threads = 1)
    {
        var applied = PlanApplier.Apply(facts, plan, RangeMethod.MinMax, threads);
        GraphRules.CheckAfter("applying the plan", applied.Model);
        return applied;
    }

    public static IReadOnlyDictionary<string, Tensor> Run(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed, bool optimize = true)
    {
        using var session = new Session(model, new SessionSettings(Optimize: optimize));
        return session.Run(feed);
    }

    /// <summary>Root of the squared error over the root of the reference's energy about its mean, the largest of all outputs; NaN when something is not finite.</summary>
    public static double RelativeError(IReadOnlyDictionary<string, Tensor> reference, IReadOnlyDictionary<string, Tensor> actual) =>
        reference.Max(output => RelativeError(output.Value.Doubles(), actual[output.Key].Doubles()));

    public static double RelativeError(double[] reference, double[] actual)
    {
        Assert.AreEqual(reference.Length, actual.Length);
        var mean = reference.Average();
        var energy = reference.Sum(x => (x - mean) * (x - mean));
        var error = reference.Zip(actual, (x, y) => (x - y) * (x - y)).Sum();
        return Math.Sqrt(error / Math.Max(energy, 1e-6 * (1e-6 + reference.Sum(x => x * x))));
    }
}
