using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>Outlier channels of a sequence's values are divided out before quantization: the function stays, the error of int8 falls.</summary>
[TestClass]
public sealed class EqualizationTests
{
    [TestMethod]
    [DataRow(false, DisplayName = "into the normalization")]
    [DataRow(true, DisplayName = "into a product, since a residual sum reads the value too")]
    public void The_function_stays_and_the_error_of_integers_falls(bool isReadTwice)
    {
        var model = Outliers(isReadTwice);
        var feed = Feed();
        var facts = Compressing.Facts(model, feed);

        var alike = Equalization.Apply(facts.Model, facts.Layers, facts.Shapes, facts.Samples, threads: 2);

        var exact = Compressing.Run(model, feed);
        Assert.IsLessThan(1e-4, Compressing.RelativeError(exact, Compressing.Run(alike, feed)));
        Assert.AreEqual(isReadTwice ? 1 : 0, alike.Graph.Nodes.Count(node => node.Op == "Mul"));
        var (before, after) = (Error(facts, exact, feed), Error(Compressing.Facts(alike, feed), exact, feed));
        Assert.IsLessThan(before / 2, after);
    }

    [TestMethod]
    public void Channels_that_are_alike_already_stay_as_they_are()
    {
        var builder = new ModelBuilder().Input("x", -1, 6, 16);
        builder.Op("Tanh", ["x"]);
        builder.Output(builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(0.3, 16, 16))]));
        var facts = Compressing.Facts(builder.Build(), Feed());
        var alike = Equalization.Apply(facts.Model, facts.Layers, facts.Shapes, facts.Samples, threads: 1);
        CollectionAssert.AreEqual(OnnxWriter.ToBytes(facts.Model), OnnxWriter.ToBytes(alike));
    }

    private static double Error(ModelFacts facts, IReadOnlyDictionary<string, Tensor> exact, IReadOnlyDictionary<string, Tensor> feed) =>
        Compressing.RelativeError(exact, Compressing.Run(Compressing.Apply(facts, Compressing.Uniform(facts, 8)).Model, feed));

    /// <summary>A normalization with two channels that are sixty times the others, and the product that reads it.</summary>
    private static OnnxModel Outliers(bool isReadTwice)
    {
        var builder = new ModelBuilder().Input("x", -1, 6, 16);
        var scale = Enumerable.Range(0, 16).Select(j => j is 3 or 9 ? 60f : 1f).ToArray();
        var norm = builder.Op("LayerNormalization", ["x", builder.Constant(Tensor.Of(scale, 16)), builder.Constant(builder.Random(0.1, 16))], node => node.Set("epsilon", 1e-5f));
        var weights = builder.Random(0.3, 16, 16).Floats().Select((value, i) => i / 16 is 3 or 9 ? value / 60 : value).ToArray();
        var product = builder.Op("MatMul", [norm, builder.Constant(Tensor.Of(weights, 16, 16))]);
        builder.Output(isReadTwice ? [product, builder.Op("Tanh", [norm])] : [product]);
        return builder.Build();
    }

    private static Dictionary<string, Tensor> Feed() => new() { ["x"] = new ModelBuilder(seed: 5).Random(1, 32, 6, 16) };
}
