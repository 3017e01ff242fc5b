using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>Any model, any plan: what comes out loads on ONNX Runtime, has the same interface, and computes nearly the same at 8 bits.</summary>
[TestClass]
public sealed class RandomGraphsCompressedTests
{
    private const int Graphs = 150;

    /// <summary>Random networks are not trained to be robust, and two samples, pooled, differ by little: a single one may be off by this share, the middle one not.</summary>
    private const double Tolerance = 0.5, MedianTolerance = 0.02;

    private static readonly int[] WeightBits = [1, 2, 3, 4, 5, 6, 7, 8, 32];
    private static readonly int[] ActivationBits = [4, 5, 6, 7, 8, 16];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Eight_bits_stay_near_the_float_model()
    {
        var failures = new List<string>();
        var errors = new List<double>();
        for (var seed = 1; seed <= Graphs; seed++)
            Attempt(seed, failures, (model, feed) =>
            {
                var facts = Compressing.Facts(model, feed);
                var compressed = Lean.Apply(Compressing.Apply(facts, Compressing.Uniform(facts, 8)).Model);
                AssertSameInterface(model, compressed);
                var error = Compressing.RelativeError(Compressing.Run(model, feed), Compressing.Run(compressed, feed));
                errors.Add(error);
                Assert.IsLessThan(Tolerance, error, "relative error");
            });
        var median = errors.Order().ElementAt(errors.Count / 2);
        TestContext.WriteLine($"median {median:0.####}, largest {errors.Max():0.####}");
        Assert.AreEqual("", string.Join('\n', failures));
        Assert.IsLessThan(MedianTolerance, median);
    }

    [TestMethod]
    public void Mixed_bits_and_cuts_load_and_run()
    {
        var failures = new List<string>();
        for (var seed = 1; seed <= Graphs; seed++)
            Attempt(seed, failures, (model, feed) =>
            {
                var facts = Compressing.Facts(model, feed);
                var random = new Random(seed);
                var bits = facts.Layers.ToDictionary(layer => layer.Name, _ => WeightBits[random.Next(WeightBits.Length)]);
                var plan = Compressing.Plan(facts, layer => bits[layer.Name], value => ActivationBits[(value.Sum(c => c) + seed) % ActivationBits.Length], [.. Cutting.Random(facts.Groups, seed)]);
                plan = plan with { ChannelBits = ByChannel(facts, plan, random), MidRise = seed % 2 == 0 };
                var compressed = Lean.Apply(Compressing.Apply(facts, plan).Model);
                AssertSameInterface(model, compressed);
                var (expected, actual) = (Compressing.Run(model, feed), Compressing.Run(compressed, feed));
                foreach (var (name, tensor) in expected)
                {
                    CollectionAssert.AreEqual(tensor.Dims, actual[name].Dims, name);
                    Assert.IsTrue(actual[name].Doubles().All(double.IsFinite), $"{name} is not finite");
                }
            });
        Assert.AreEqual("", string.Join('\n', failures));
    }

    /// <summary>Widths up to the layer's own for the channels of every other layer that has some.</summary>
    private static ImmutableSortedDictionary<string, ImmutableArray<int>> ByChannel(ModelFacts facts, CompressionPlan plan, Random random)
    {
        var channels = PrunedModel.Of(facts, plan.Cuts) is var pruned ? pruned.Layers.ToDictionary(layer => layer.Name, layer => (int)pruned.Model.Graph.Constants[layer.Weight].Dims[WeightMatrix.ScaleAxis(layer)]) : [];
        return facts.Layers.Where(layer => layer.Group == 1 && plan.Layers[layer.Name].IsCompressed && random.Next(2) == 0)
            .ToImmutableSortedDictionary(layer => layer.Name, layer => ImmutableArray.CreateRange(Enumerable.Range(0, channels[layer.Name]).Select(i => i == 0 ? plan.Layers[layer.Name].Bits : random.Next(1, plan.Layers[layer.Name].Bits + 1))), StringComparer.Ordinal);
    }

    private static void Attempt(int seed, List<string> failures, Action<OnnxModel, IReadOnlyDictionary<string, Tensor>> check)
    {
        var (model, feed) = RandomGraphs.Make(seed);
        try
        {
            check(model, feed);
        }
        catch (Exception e)
        {
            failures.Add($"seed {seed}: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} {e.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Compress."))?.Trim()}");
        }
    }

    private static void AssertSameInterface(OnnxModel model, OnnxModel compressed)
    {
        CollectionAssert.AreEqual(model.Graph.Inputs.Select(input => input.Name).ToArray(), compressed.Graph.Inputs.Select(input => input.Name).ToArray());
        CollectionAssert.AreEqual(model.Graph.Outputs.Select(output => output.Name).ToArray(), compressed.Graph.Outputs.Select(output => output.Name).ToArray());
        CollectionAssert.AreEqual(model.Graph.Inputs.Select(input => input.Type).ToArray(), compressed.Graph.Inputs.Select(input => input.Type).ToArray());
    }
}
