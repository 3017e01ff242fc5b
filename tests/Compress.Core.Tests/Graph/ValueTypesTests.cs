using Compress.Analysis;
using Compress.Graph;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Graph;

/// <summary>What the graph alone says of ranks and types is what ONNX Runtime finds when it runs it.</summary>
[TestClass]
public sealed class ValueTypesTests
{
    [TestMethod]
    public void On_random_graphs_what_is_claimed_is_true()
    {
        var claimed = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var (model, feed) = RandomGraphs.Make(seed);
            claimed += CheckClaims(model, feed, $"seed {seed}");
        }
        Assert.IsTrue(claimed > 400, $"{claimed} claims");
    }

    [TestMethod]
    [DynamicData(nameof(OpsetCases.All), typeof(OpsetCases))]
    public void On_every_operator_that_changed_over_time_as_well(string name, int opset, Func<ModelBuilder, ModelBuilder> build)
    {
        var builder = build(new ModelBuilder(seed: 3, opset: opset));

        CheckClaims(builder.Build(), builder.Feed(), name);
        CheckClaims(OpsetUpgrade.To(builder.Build(), 21), builder.Feed(), name);
    }

    [TestMethod]
    public void The_rank_of_a_reshape_is_known_through_the_arithmetic_of_its_shape()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 4, 4);
        var batch = builder.Op("Slice", [builder.Op("Cast", [builder.Op("Shape", ["x"])], node => node.Set("to", 6)), .. new[] { 0, 1 }.Select(i => builder.Constant(Tensor.List(i)))]);
        var shape = builder.Op("Concat", [builder.Op("Cast", [batch], node => node.Set("to", 7)), builder.Constant(Tensor.List(-1))], node => node.Set("axis", 0));
        builder.Op("Reshape", ["x", shape]);

        Assert.AreEqual(2, ValueTypes.Of(builder.Build().Graph).Rank(builder.Last));
    }

    private static int CheckClaims(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed, string name)
    {
        var undeclared = model.Clone();
        foreach (var output in undeclared.Graph.Outputs) output.Type = null;
        var types = ValueTypes.Of(undeclared.Graph);
        var claimed = 0;
        foreach (var (value, seen) in ObservedShapes.Observe(model, feed))
        {
            if (types.Rank(value) is { } rank)
            {
                Assert.AreEqual(seen.Dims.Length, rank, $"{name}: rank of {value}");
                claimed++;
            }
            if (types.Type(value) is var type && type != DataType.Undefined) Assert.AreEqual(seen.Type, type, $"{name}: type of {value}");
        }
        return claimed;
    }
}
