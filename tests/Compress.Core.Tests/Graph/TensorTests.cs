using Compress.Diagnostics;
using Compress.Graph;
using Compress.Testing;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Graph;

/// <summary>Constants of every type keep their values, in whichever field of the message they lie.</summary>
[TestClass]
public sealed class TensorTests
{
    [TestMethod]
    [DataRow(DataType.Float, 0.0)]
    [DataRow(DataType.Double, 0.0)]
    [DataRow(DataType.Float16, 1e-3)]
    [DataRow(DataType.Bfloat16, 8e-3)]
    public void Float_types_round_to_nearest_and_agree_with_ONNX_Runtime(DataType type, double tolerance)
    {
        var builder = new ModelBuilder(seed: 5).Input("x", 50);
        var values = builder.Random(3, 50);
        builder.Op("Cast", [builder.Constant(new Tensor(type, [50], []).WithFloats(values.Floats(), 50))], node => node.Set("to", 1));
        builder.Op("Cast", [builder.Op("Cast", ["x"], node => node.Set("to", (long)type))], node => node.Set("to", 1));
        var model = builder.Output(builder.Graph.Nodes[0].Output, builder.Last).Build();

        var outputs = ModelComparison.Run(model, new Dictionary<string, Tensor> { ["x"] = values }).Values.ToArray();

        // The runtime takes out a pair of casts that only lose precision, so the second output may be the values themselves.
        for (var i = 0; i < 50; i++) Assert.AreEqual(outputs[1].Floats()[i], outputs[0].Floats()[i], tolerance * Math.Abs(values.Floats()[i]));
        CollectionAssert.AreEqual(outputs[0].Floats(), new Tensor(type, [50], []).WithFloats(values.Floats(), 50).Floats());
    }

    [TestMethod]
    [DataRow(DataType.Int8)]
    [DataRow(DataType.Uint8)]
    [DataRow(DataType.Int16)]
    [DataRow(DataType.Uint16)]
    [DataRow(DataType.Int32)]
    [DataRow(DataType.Uint32)]
    [DataRow(DataType.Int64)]
    [DataRow(DataType.Uint64)]
    [DataRow(DataType.Float16)]
    [DataRow(DataType.Float)]
    [DataRow(DataType.Double)]
    [DataRow(DataType.Bool)]
    public void Values_in_typed_fields_are_the_values_in_bytes(DataType type)
    {
        var message = new TensorProto { Name = "t", DataType = (int)type, Dims = { 3 } };
        switch (type)
        {
            case DataType.Float: message.FloatData.AddRange([0, 1, 2]); break;
            case DataType.Double: message.DoubleData.AddRange([0, 1, 2]); break;
            case DataType.Int64: message.Int64Data.AddRange([0, 1, 2]); break;
            case DataType.Uint32 or DataType.Uint64: message.Uint64Data.AddRange([0, 1, 2]); break;
            case DataType.Float16: message.Int32Data.AddRange([0, BitConverter.HalfToUInt16Bits((Half)1), BitConverter.HalfToUInt16Bits((Half)2)]); break;
            default: message.Int32Data.AddRange([0, 1, 2]); break;
        }
        var builder = new ModelBuilder().Input("x", 1);
        builder.Op("Identity", ["x"]);
        var proto = OnnxWriter.ToProto(builder.Build());
        proto.Graph.Initializer.Add(message);

        var tensor = OnnxReader.FromProto(proto).Graph.Constants["t"];

        CollectionAssert.AreEqual(new double[] { 0, 1, 2 }, tensor.Doubles());
        Assert.AreEqual(TensorBits.Bytes(type, [3]), tensor.ByteCount);
    }

    [TestMethod]
    public void Packed_types_round_up_to_whole_bytes()
    {
        Assert.AreEqual(3, TensorBits.Bytes(DataType.Int4, [5]));
        Assert.AreEqual(2, TensorBits.Bytes(DataType.Uint2, [5]));
        Assert.AreEqual(0, TensorBits.Bytes(DataType.Int4, [0, 7]));
        Assert.IsNull(TensorBits.Bytes(DataType.String, [5]));
        CollectionAssert.AreEqual(new float[] { -8, 7, -1 }, new Tensor(DataType.Int4, [3], [0x78, 0x0F]).Floats());
    }

    [TestMethod]
    public void A_model_beyond_two_gigabytes_is_refused_before_it_is_copied()
    {
        var builder = new ModelBuilder().Input("x", 1);
        var large = Tensor.Of(GC.AllocateUninitializedArray<float>(32 << 20), 32 << 20); // 128 MB, many times
        builder.Op("Max", ["x", .. Enumerable.Range(0, 17).Select(_ => builder.Constant(large))]);

        Assert.AreEqual("CMP2019", Assert.ThrowsExactly<CompressionException>(() => OnnxWriter.ToBytes(builder.Build())).Diagnostic.Code);
    }
}
