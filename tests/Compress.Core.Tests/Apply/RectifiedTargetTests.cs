using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

[TestClass]
public sealed class RectifiedTargetTests
{
    [TestMethod]
    public void Behind_a_relu_only_what_is_above_zero_must_be_met()
    {
        var model = new ModelBuilder(seed: 1).Input("x", -1, 2, 1, 1).Conv(2, 1).Relu().GlobalPool().Build();
        var layer = Layers.Of(model).Single();
        Tensor[] target = [Tensor.Of(new float[] { 3, -2, -1, 4 }, 2, 2, 1, 1)];

        var ceiling = RectifiedTarget.Ceiling(layer, target, model.Graph, GraphIndex.Of(model.Graph), _ => null)!;
        var nearest = RectifiedTarget.Nearest(target, ceiling, [Tensor.Of(new float[] { 1, -5, 2, -1 }, 2, 2, 1, 1)]);

        CollectionAssert.AreEqual(new float[] { 3, -5, 0, 4 }, nearest[0].Floats());
    }

    [TestMethod]
    public void Behind_a_residual_addition_the_compressed_shortcut_sets_the_ceiling()
    {
        var builder = new ModelBuilder(seed: 1).Input("x", -1, 1, 1, 1);
        var model = builder.Conv(1, 1).Add(builder.Last, "x").Relu().GlobalPool().Build();
        var layer = Layers.Of(model).Single();
        Tensor[] target = [Tensor.Of(new float[] { 1, -3 }, 2, 1, 1, 1)];
        Tensor[] shortcut = [Tensor.Of(new float[] { 1, 2 }, 2, 1, 1, 1)];

        var ceiling = RectifiedTarget.Ceiling(layer, target, model.Graph, GraphIndex.Of(model.Graph), value => value == "x" ? shortcut : null)!;

        CollectionAssert.AreEqual(new[] { float.PositiveInfinity, -2 }, ceiling[0]);
        Assert.IsNull(RectifiedTarget.Ceiling(layer, target, model.Graph, GraphIndex.Of(model.Graph), _ => null), "A shortcut that isn't known yet says nothing.");
    }

    [TestMethod]
    public void Without_a_relu_every_target_counts()
    {
        var model = new ModelBuilder(seed: 1).Input("x", -1, 2, 1, 1).Conv(2, 1).GlobalPool().Build();

        Assert.IsNull(RectifiedTarget.Ceiling(Layers.Of(model).Single(), [Tensor.Of(new float[2], 1, 2, 1, 1)], model.Graph, GraphIndex.Of(model.Graph), _ => null));
    }
}
