using Compress.Apply;
using Compress.Graph;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Apply;

/// <summary>Activations that come in int8 are held in uint8, and nothing else changes.</summary>
[TestClass]
public sealed class FoldSignedTests
{
    private readonly ModelBuilder builder = new ModelBuilder().Input("x", 2, 3, 4, 4);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false, DisplayName = "no zero point where it is read")]
    public void The_same_numbers_come_out_bit_for_bit(bool written)
    {
        var (scale, zero) = (builder.Constant(Tensor.Scalar(0.02f)), builder.Constant(new Tensor(DataType.Int8, [], [written ? (byte)0xF3 : (byte)0])));
        var codes = builder.Op("QuantizeLinear", ["x", scale, zero]);
        builder.Op("DequantizeLinear", written ? [codes, scale, zero] : [codes, scale]);
        var model = builder.Output().Build();
        var feed = new Dictionary<string, Tensor> { ["x"] = builder.Random(2, 2, 3, 4, 4) }; // beyond both ends of the grid

        var (folded, log) = Folding.Apply(model);

        Assert.AreEqual(1, log.Count(FoldKind.Unsigned));
        Assert.IsTrue(folded.Graph.Nodes.All(node => folded.Graph.Constants[node.Inputs[2]].Type == DataType.Uint8));
        CollectionAssert.AreEqual(Compressing.Run(model, feed).Values.Single().Floats(), Compressing.Run(folded, feed).Values.Single().Floats());
    }

    [TestMethod]
    public void Codes_that_others_read_stay_as_they_are()
    {
        var (scale, zero) = (builder.Constant(Tensor.Scalar(0.02f)), builder.Constant(new Tensor(DataType.Int8, [], [0])));
        var codes = builder.Op("QuantizeLinear", ["x", scale, zero]);
        builder.Op("DequantizeLinear", [codes, scale, zero]);
        builder.Output();
        builder.Output(codes);

        Assert.AreEqual(0, Folding.Apply(builder.Build()).Log.Count(FoldKind.Unsigned));
    }
}
