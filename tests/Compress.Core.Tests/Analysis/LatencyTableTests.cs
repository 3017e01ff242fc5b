using Compress.Analysis;
using Compress.Core.Tests.Emit;
using Compress.Data;
using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;

namespace Compress.Core.Tests.Analysis;

[TestClass]
public sealed class LatencyTableTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Every_kind_of_layer_becomes_a_model_that_runs_also_with_fewer_channels(bool integer)
    {
        var builder = new ModelBuilder().Input("x", 1, 8, 6, 6).Conv(8, 3).Conv(8, 3, group: 8).Conv(8, 3, group: 2);
        builder.Op("ConvTranspose", [builder.Last, builder.Constant(builder.Random(1, 8, 8, 2, 2))], node => node.Set("strides", [2, 2]));
        builder.GlobalPool().Flatten().Dense(8);
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1, 8, 8))]);
        var model = builder.Build();
        var shapes = ObservedShapes.Observe(model, builder.Feed(1));

        foreach (var layer in Layers.Of(model))
            foreach (var operation in new[] { OperatorCase.Of(layer, shapes, integer), OperatorCase.Of(layer, shapes, integer).Keep(4, 4) })
            {
                var (bytes, feed) = operation.Build();
                using var session = new Session(bytes, new SessionSettings());
                var output = session.Run(feed).Values.Single();
                var channels = operation.Input[1] == 4 ? 4 : 8;
                Assert.AreEqual(channels, output.Dims[1], operation.Key);
                Assert.AreEqual(integer, !output.IsFloat, operation.Key);
            }
        Assert.AreEqual(6, Layers.Of(model).Count);
    }

    [TestMethod]
    public void Larger_operators_take_longer_and_integers_less_than_float()
    {
        var table = new LatencyTable();
        var large = Convolution(64, integer: false);
        Assert.IsTrue(table.Milliseconds(large) > 2 * table.Milliseconds(large.Keep(16, 16)));
        if (System.Runtime.Intrinsics.X86.Avx2.IsSupported) Assert.IsTrue(table.Milliseconds(large) > table.Milliseconds(Convolution(64, integer: true)));
    }

    [TestMethod]
    public void An_operator_is_measured_once_and_found_in_the_cache_or_the_lock_file_later()
    {
        using var folder = new TemporaryFolder();
        var operation = Convolution(8, integer: false);
        var first = new LatencyTable(new ResultCache(folder.Path));
        var time = first.Milliseconds(operation);

        Assert.AreEqual(time, first.Milliseconds(operation));
        Assert.AreEqual(time, new LatencyTable(new ResultCache(folder.Path)).Milliseconds(operation));
        Assert.AreEqual(time, new LatencyTable(known: first.Times).Milliseconds(operation));
        CollectionAssert.AreEqual(new[] { operation.Key, "yardstick" }, first.Times.Keys.ToArray());
    }

    [TestMethod]
    public void The_key_tells_shapes_attributes_and_arithmetic_apart()
    {
        var operation = Convolution(8, integer: false);
        Assert.AreEqual("Conv float [1,8,28,28] × [8,8,3,3] pads=1,1,1,1", operation.Key);
        OperatorCase[] others = [operation.Keep(4, 8), operation.Keep(8, 4), operation with { Integer = true }, operation with { Node = operation.Node.Clone().Set("strides", [2, 2]) }];
        Assert.AreEqual(5, others.Append(operation).Select(other => other.Key).Distinct().Count());
        StringAssert.Contains(Machine.Description, "ONNX Runtime 1.");
    }

    private static OperatorCase Convolution(int channels, bool integer) =>
        new(new Node("Conv", ["x", "w"], ["y"]).Set("pads", [1, 1, 1, 1]), [1, channels, 28, 28], [channels, channels, 3, 3], integer);
}
