using Compress.Diagnostics;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Graph;

/// <summary>Every rule of the table: the old model and the upgraded one run on ONNX Runtime, which still has the old operators, and agree.</summary>
[TestClass]
public sealed class OpsetUpgradeTests
{
    [TestMethod]
    [DynamicData(nameof(OpsetCases.All), typeof(OpsetCases))]
    public void An_upgraded_model_computes_the_same(string name, int opset, Func<ModelBuilder, ModelBuilder> build)
    {
        var builder = build(new ModelBuilder(seed: 3, opset: opset));
        var model = builder.Build();
        foreach (var target in (int[])[opset + 1, 13, 18, 21])
        {
            if (target <= opset) continue;
            var upgraded = OpsetUpgrade.To(model, target);

            Assert.AreEqual(target, upgraded.Opset);
            var difference = ModelComparison.Difference(model, upgraded, builder.Feed());
            Assert.IsTrue(difference < 1e-6, $"{name}: opset {opset} to {target}, difference {difference}");
        }
    }

    [TestMethod]
    public void Every_rule_has_a_case()
    {
        var covered = OpsetCases.All().SelectMany(row =>
        {
            var opset = (int)row[1];
            var model = ((Func<ModelBuilder, ModelBuilder>)row[2])(new ModelBuilder(opset: opset)).Build();
            return OpsetRules.All.Where(rule => rule.Since > opset && model.Graph.Nodes.Any(node => node.Op == rule.Op || (node.Op == "Upsample" && rule.Op == "Resize")));
        }).ToHashSet();

        CollectionAssert.AreEqual(new[] { ("Scan", 9) }, OpsetRules.All.Except(covered).ToArray(), "Scan is refused, see below");
    }

    [TestMethod]
    [DataRow("BatchNormalization", 8)]
    [DataRow("BatchNormalization", 13)]
    [DataRow("Scan", 8)]
    [DataRow("Dropout", 11)]
    [DataRow("Resize", 12)]
    public void What_can_not_be_upgraded_exactly_is_refused_by_name(string op, int opset)
    {
        var builder = new ModelBuilder(opset: opset).Input("x", 1, 3, 4, 4).Conv(3, 3);
        builder.Op(op, [builder.Last, "", builder.Constant(Tensor.Of([1f, 1, 2, 2], 4))], node =>
            node.Set("spatial", 0).Set("coordinate_transformation_mode", "tf_half_pixel_for_nn").Set("mode", "linear").Outputs.Add("second"));
        builder.Output("second");

        var error = Assert.ThrowsExactly<CompressionException>(() => OpsetUpgrade.To(builder.Build(), 21));

        Assert.AreEqual("CMP2020", error.Diagnostic.Code);
        StringAssert.Contains(error.Message, $"{builder.Last} ({op})");
    }

    [TestMethod]
    public void The_last_axis_needs_no_flattening_where_the_rank_is_known()
    {
        var builder = new ModelBuilder(opset: 11).Input("x", -1, 3, 8, 8).Conv(4, 3).Relu().GlobalPool().Flatten().Dense(5);
        builder.Op("Softmax", [builder.Last]);

        var upgraded = OpsetUpgrade.To(builder.Build(), 21);

        CollectionAssert.DoesNotContain(upgraded.Graph.Nodes.ConvertAll(node => node.Op), "Shape");
    }

    [TestMethod]
    public void Other_domains_newer_models_and_the_original_stay_as_they_are()
    {
        var builder = new ModelBuilder(opset: 11).Input("x", 2, 3);
        builder.Op("Clip", ["x"], node =>
        {
            node.Domain = "com.example";
            node.Set("min", 0f);
        });
        var model = builder.Build();
        model.Header.IrVersion = 6;
        var before = OnnxWriter.ToBytes(model);

        var upgraded = OpsetUpgrade.To(model, 21);

        CollectionAssert.AreEqual(before, OnnxWriter.ToBytes(model));
        Assert.IsTrue(upgraded.Graph.Nodes[0].Attributes.ContainsKey("min"));
        Assert.AreEqual(10, upgraded.Header.IrVersion);
        Assert.AreSame(upgraded, OpsetUpgrade.To(upgraded, 13));
    }
}
