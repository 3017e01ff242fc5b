using Compress.Apply;
using Compress.Core.Tests.Analysis.IndexMaps;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

[TestClass]
public sealed class RemoveChannelsTests
{
    [TestMethod]
    public void Weights_keep_the_rows_and_slices_that_stay()
    {
        var builder = Travel.Channels(3).Read(3);
        var model = builder.Build();
        var pruned = RemoveChannels.Apply(model, Cutting.Groups(model, builder.Feed()), [Cutting.Keep("conv2", 0, 2)]);

        float[] Rows(string name, params int[] rows) => [.. rows.SelectMany(row => model.Graph.Constants[name].Floats().Skip(row * 3).Take(3))];
        CollectionAssert.AreEqual(Rows("w0", 0, 2), pruned.Graph.Constants["w0"].Floats());
        CollectionAssert.AreEqual(new long[] { 2, 2, 1, 1 }, pruned.Graph.Constants["c3"].Dims);
        var read = model.Graph.Constants["c3"].Floats();
        CollectionAssert.AreEqual(new[] { read[0], read[2], read[3], read[5] }, pruned.Graph.Constants["c3"].Floats());
    }

    [TestMethod]
    public void Masking_zeroes_the_slices_that_read_the_channels()
    {
        var builder = Travel.Channels(3).Read(3);
        var model = builder.Build();
        var masked = MaskChannels.Apply(model, Cutting.Groups(model, builder.Feed()), [Cutting.Keep("conv2", 0, 2)]);

        CollectionAssert.AreEqual(model.Graph.Constants["w0"].Floats(), masked.Graph.Constants["w0"].Floats());
        var read = model.Graph.Constants["c3"].Floats();
        CollectionAssert.AreEqual(new[] { read[0], 0, read[2], read[3], 0, read[5] }, masked.Graph.Constants["c3"].Floats());
    }

    [TestMethod]
    public void Half_precision_weights_are_cut_as_they_are()
    {
        var builder = Travel.Channels(3).Read(3);
        var model = builder.Build();
        var groups = Cutting.Groups(model, builder.Feed());
        model.Graph.Constants["w0"] = new Tensor(Onnx.TensorProto.Types.DataType.Float16, [3, 3, 1, 1], [.. Enumerable.Range(0, 18).Select(i => (byte)i)]);

        var pruned = RemoveChannels.Apply(model, groups, [Cutting.Keep("conv2", 1)]);

        CollectionAssert.AreEqual(new byte[] { 6, 7, 8, 9, 10, 11 }, pruned.Graph.Constants["w0"].Raw.ToArray());
    }

    [TestMethod]
    public void A_shape_that_others_read_too_changes_only_where_channels_went()
    {
        var builder = Travel.Channels(4);
        var (cut, whole) = (builder.Last, builder.Conv("x", 4, 1).Last);
        var shape = builder.Constant(Tensor.List(-1, 4, 16));
        var left = builder.Op("Reshape", [cut, shape]);
        builder.Op("Conv", [left, builder.Constant(builder.Random(1, 2, 4, 1))]);
        var model = builder.Output(builder.Last, builder.Op("Reshape", [whole, shape])).Build();

        var pruned = Cutting.AssertPrunedEqualsMasked(model, builder.Feed(), Cutting.Groups(model, builder.Feed()), [Cutting.Keep("conv2", 1, 3)]);

        CollectionAssert.AreEqual(new long[] { -1, 4, 16 }, pruned.Graph.Constants[shape].Integers());
    }

    [TestMethod]
    public void The_model_stays_as_it_was()
    {
        var (model, feed) = RandomGraphs.Make(1);
        var before = OnnxWriter.ToBytes(model);
        var groups = Cutting.Groups(model, feed);

        RemoveChannels.Apply(model, groups, Cutting.Random(groups, 1));
        MaskChannels.Apply(model, groups, Cutting.Random(groups, 1));

        CollectionAssert.AreEqual(before, OnnxWriter.ToBytes(model));
    }

    [TestMethod]
    public void A_cut_of_an_unknown_group_is_CMP6001() => Fails("CMP6001", Cutting.Keep("nobody", 0));

    [TestMethod]
    public void A_cut_of_a_closed_group_is_CMP6002() => Fails("CMP6002", Cutting.Keep("conv4", 0));

    [TestMethod]
    [DataRow]
    [DataRow(1, 0)]
    [DataRow(0, 0)]
    [DataRow(0, 3)]
    [DataRow(-1, 0)]
    public void A_cut_that_lists_no_channels_or_wrong_ones_is_CMP6003(params int[] kept) => Fails("CMP6003", Cutting.Keep("conv2", kept));

    private static void Fails(string code, ChannelCut cut)
    {
        var builder = Travel.Channels(3).Read(3);
        var model = builder.Build();
        var groups = Cutting.Groups(model, builder.Feed());

        Assert.AreEqual(code, Assert.ThrowsExactly<CompressionException>(() => RemoveChannels.Apply(model, groups, [cut])).Diagnostic.Code);
        Assert.AreEqual(code, Assert.ThrowsExactly<CompressionException>(() => MaskChannels.Apply(model, groups, [cut])).Diagnostic.Code);
    }
}
