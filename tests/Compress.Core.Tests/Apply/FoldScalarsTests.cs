using Compress.Apply;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>A learned scale and shift behind a hard-swish: only a shift is left before a padded convolution.</summary>
[TestClass]
public sealed class FoldScalarsTests
{
    [TestMethod]
    [DataRow(3, new[] { "Conv", "HardSigmoid", "Mul", "Add", "Conv" }, DisplayName = "padded: the shift stays, the factor goes")]
    [DataRow(1, new[] { "Conv", "HardSigmoid", "Mul", "Conv" }, DisplayName = "pointwise: both go")]
    public void Factors_go_into_the_next_convolution(int kernel, string[] left)
    {
        var builder = new ModelBuilder().Input("x", 1, 3, 8, 8).Conv(6, 3);
        string One(float value) => builder.Constant(Tensor.Of([value], 1));
        var x = builder.Last;
        var clip = builder.Op("Clip", [builder.Op("Add", [x, One(3)]), builder.Constant(Tensor.Scalar(0f)), builder.Constant(Tensor.Scalar(6f))]);
        builder.Op("Div", [builder.Op("Mul", [x, clip]), One(6)]);
        builder.Op("Add", [builder.Op("Mul", [builder.Last, One(1.7f)]), One(-0.4f)]);
        builder.Conv(builder.Last, 4, kernel).Output();
        var feed = new Dictionary<string, Tensor> { ["x"] = builder.Random(1, 1, 3, 8, 8) };

        var folded = Folding.Apply(builder.Build()).Model;

        CollectionAssert.AreEqual(left, folded.Graph.Nodes.Select(node => node.Op).ToArray());
        Assert.IsLessThan(1e-5, Compressing.RelativeError(Compressing.Run(builder.Build(), feed), Compressing.Run(folded, feed)));
    }
}
