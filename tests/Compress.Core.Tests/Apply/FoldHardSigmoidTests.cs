using Compress.Apply;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>Hard-sigmoid and hard-swish as exporters write them out become one node and two, and compute the same.</summary>
[TestClass]
public sealed class FoldHardSigmoidTests
{
    private static readonly string[] Gate = ["HardSigmoid"], Swish = ["HardSigmoid", "Mul"];

    private readonly ModelBuilder builder = new ModelBuilder().Input("x", 2, 3, 8, 8);

    [TestMethod]
    public void A_gate_that_is_written_out()
    {
        builder.Op("Div", [Clipped(), One(6)]);
        Check(Gate);
    }

    [TestMethod]
    public void A_gate_times_a_reciprocal()
    {
        builder.Op("Mul", [One(1 / 6f), Clipped()]);
        Check(Gate);
    }

    [TestMethod]
    public void A_division_behind_the_product()
    {
        builder.Op("Div", [builder.Op("Mul", ["x", Clipped()]), One(6)]);
        Check(Swish);
    }

    [TestMethod]
    public void A_division_before_the_product()
    {
        builder.Op("Mul", [builder.Op("Div", [Clipped(), One(6)]), "x"]);
        Check(Swish);
    }

    [TestMethod]
    public void Other_bounds_and_offsets()
    {
        builder.Op("Div", [Clipped(offset: 1, most: 2.5f), One(2.5f)]);
        Check(Gate);
    }

    [TestMethod]
    public void What_only_looks_like_it_stays()
    {
        builder.Op("Div", [Clipped(most: 5), One(6)]);
        Check(["Add", "Clip", "Div"]);
    }

    [TestMethod]
    public void A_square_is_divided_once()
    {
        var clip = Clipped();
        builder.Op("Div", [builder.Op("Mul", [clip, clip]), One(6)]);
        Check(["Add", "Clip", "Mul", "Div"]);
    }

    [TestMethod]
    public void A_sum_that_others_read_stays()
    {
        var clip = Clipped();
        builder.Op("Mul", [sum, builder.Op("Div", [clip, One(6)])]);
        Check(["Add", "Clip", "Div", "Mul"]);
    }

    private string sum = "";

    private string One(float value) => builder.Constant(Tensor.Of([value], 1));

    private string Clipped(float offset = 3, float most = 6)
    {
        sum = builder.Op("Add", ["x", One(offset)]);
        return builder.Op("Clip", [sum, builder.Constant(Tensor.Scalar(0f)), builder.Constant(Tensor.Scalar(most))]);
    }

    private void Check(string[] left)
    {
        builder.Op("Neg", [builder.Last]);
        var model = builder.Output().Build();
        var feed = new Dictionary<string, Tensor> { ["x"] = Tensor.Of([.. builder.Random(2, 2, 3, 8, 8).Floats().Select(value => 4 * value)], 2, 3, 8, 8) }; // beyond both ends

        var folded = Folding.Apply(model).Model;

        CollectionAssert.AreEqual((string[])[.. left, "Neg"], folded.Graph.Nodes.Select(node => node.Op).ToArray());
        Assert.IsLessThan(1e-6, Compressing.RelativeError(Compressing.Run(model, feed), Compressing.Run(folded, feed)));
    }
}
