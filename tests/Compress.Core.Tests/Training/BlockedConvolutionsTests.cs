using Compress.Analysis;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;
using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>Convolutions in blocks of channels give what ONNX Runtime's ordinary ones give.</summary>
[TestClass]
public sealed class BlockedConvolutionsTests
{
    [TestMethod]
    [DataRow(16, 32, 3, 1, 1, 1, DisplayName = "whole blocks")]
    [DataRow(20, 24, 3, 2, 1, 1, DisplayName = "blocks that are filled, a stride")]
    [DataRow(21, 13, 3, 1, 1, 2, DisplayName = "odd counts, dilated")]
    [DataRow(3, 16, 5, 1, 1, 1, DisplayName = "few input channels")]
    [DataRow(32, 16, 1, 1, 1, 1, DisplayName = "one pixel")]
    [DataRow(24, 24, 3, 1, 24, 1, DisplayName = "a channel a group")]
    [DataRow(21, 21, 3, 2, 21, 1, DisplayName = "a channel a group, odd counts")]
    [DataRow(16, 4, 3, 1, 1, 1, DisplayName = "too few filters")]
    [DataRow(32, 20, 6, 1, 1, 1, DisplayName = "a large kernel")]
    [DataRow(16, 32, 3, 1, 2, 1, DisplayName = "groups of several channels")]
    public void Blocked_convolutions_are_the_same(int channels, int filters, int kernel, int stride, int group, int dilation)
    {
        foreach (var bias in (bool[])[true, false])
        {
            var builder = new ModelBuilder(3).Input("x", -1, channels, 9, 10);
            string[] inputs = ["x", builder.Constant(builder.Random(0.2, filters, channels / group, kernel, kernel), "w"), .. bias ? [builder.Constant(builder.Random(0.5, filters), "b")] : Array.Empty<string>()];
            for (var twice = 0; twice < 2; twice++)
                builder.Op("Conv", inputs, node => node.Set("kernel_shape", [kernel, kernel]).Set("strides", [stride, stride]).Set("dilations", [dilation, dilation]).Set("pads", [1L, 0, 2, 1]).Set("group", group));
            builder.Op("Relu", [builder.Last]);
            var model = builder.Build();
            var feed = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(5).Random(1, 2, channels, 9, 10) };
            var expected = Run(model, feed);

            BlockedConvolutions.Apply(model, feed);

            var isSuited = ChannelBlock.Size > 1 && (group == 1 || group == channels) && 2 * filters >= ChannelBlock.Size;
            Assert.AreEqual(isSuited, model.Graph.Nodes.Any(node => node.Op == "ReorderOutput"));
            GraphRules.CheckAfter("blocks", model);
            foreach (var (a, b) in expected.Zip(Run(model, feed))) Assert.AreEqual(a, b, 1e-4f);
        }
    }

    /// <summary>
    /// A residual block on a grid, trained: weight gradients are convolutions whose channels are samples, in blocks of these where they fill some, and what lies between
    /// convolutions stays in blocks.
    /// </summary>
    [TestMethod]
    [DataRow(16, 16, 16, 3, 1, 1, DisplayName = "as many samples as a block has, or two")]
    [DataRow(32, 32, 32, 3, 1, 1, DisplayName = "two blocks of samples, or four")]
    [DataRow(32, 16, 16, 3, 2, 1, DisplayName = "a stride")]
    [DataRow(16, 20, 20, 3, 1, 1, DisplayName = "channels that fill no block")]
    [DataRow(10, 16, 16, 3, 1, 1, DisplayName = "samples that fill no block")]
    [DataRow(16, 32, 32, 3, 1, 32, DisplayName = "a channel a group")]
    [DataRow(16, 32, 32, 3, 2, 32, DisplayName = "a channel a group, a stride")]
    [DataRow(10, 32, 32, 1, 1, 1, DisplayName = "one pixel")]
    [DataRow(16, 32, 16, 1, 2, 1, DisplayName = "one pixel, a stride")]
    [DataRow(16, 32, 20, 1, 1, 1, DisplayName = "one pixel, filters that fill no block")]
    public void Gradients_in_blocks_are_the_same(int samples, int channels, int filters, int kernel, int stride, int group)
    {
        var builder = new ModelBuilder(3).Input("x", -1, channels, 9, 10);
        var wanted = new List<string>();
        string Wanted(Tensor value)
        {
            wanted.Add(builder.Constant(value));
            return wanted[^1];
        }
        string Weights(params long[] dims) => Wanted(builder.Random(0.2, dims));
        // As exporters write it.
        string Conv(string input, string w, string b, int size, int groups, int by) => builder.Op("Conv", [input, w, b], node =>
            node.Set("auto_pad", "NOTSET").Set("kernel_shape", [size, size]).Set("pads", [size / 2, size / 2, size / 2, size / 2]).Set("strides", [by, by]).Set("group", groups));
        var step = Wanted(Tensor.Scalar(0.1f));
        string OnGrid(string value)
        {
            var (zero, low, high) = (Byte(64), Byte(64), Byte(79));
            var codes = builder.Op("Clip", [builder.Op("QuantizeLinear", [value, step, zero]), low, high]);
            return builder.Op("DequantizeLinear", [codes, step, zero]);
        }
        string Byte(byte value) => builder.Constant(new Tensor(Onnx.TensorProto.Types.DataType.Uint8, [], new byte[] { value }));
        var first = OnGrid(builder.Op("Relu", [Conv("x", Weights(channels, channels, 3, 3), Weights(channels), 3, 1, 1)]));
        var second = Conv(first, Weights(filters, channels / group, kernel, kernel), Weights(filters), kernel, group, stride);
        var sum = stride == 1 && filters == channels ? builder.Op("Add", [second, first]) : second;
        Conv(OnGrid(builder.Op("Relu", [sum])), Weights(16, filters, 3, 3), Weights(16), 3, 1, 1);
        var model = builder.Build();
        var output = model.Graph.Outputs[0].Name;
        var feed = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(5).Random(1, samples, channels, 9, 10) };
        var dims = ObservedShapes.Observe(model, feed).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        feed["seed"] = new ModelBuilder(6).Random(1, dims[output]);
        IReadOnlyDictionary<string, float[]> Gradients(int? block)
        {
            var made = GradientGraph.Of(model, dims, new GradientRequest(new Dictionary<string, string> { [output] = "seed" }, wanted) { Block = block });
            if (block is not null) BlockedConvolutions.Apply(made.Model, feed);
            if (channels % block == 0 && filters % block == 0) NothingBetweenLeavesBlocks(made.Model.Graph);
            GraphRules.CheckAfter("blocks", made.Model);
            using var session = new Session(made.Model, new SessionSettings(FuseQuantized: false));
            var results = session.Run(feed);
            return made.Gradients.ToDictionary(gradient => gradient.Key, gradient => results[gradient.Value].Floats());
        }

        var (expected, actual) = (Gradients(null), Gradients(BlockedConvolutions.Block));

        foreach (var (name, values) in expected)
            foreach (var (a, b) in values.Zip(actual[name])) Assert.AreEqual(a, b, 1e-4f * values.Max(Math.Abs), name);
    }

    [TestMethod]
    public void A_convolution_in_half_precision_stays_as_it_is()
    {
        const int Half = (int)Onnx.TensorProto.Types.DataType.Float16, Single = (int)Onnx.TensorProto.Types.DataType.Float;
        var builder = new ModelBuilder(3).Input("x", -1, 16, 4, 4);
        string As(int type, string value) => builder.Op("Cast", [value], node => node.Set("to", type));
        var weights = builder.Op("Mul", [builder.Constant(builder.Random(0.2, 16, 16, 3, 3)), builder.Constant(Tensor.Scalar(2f))]);
        As(Single, builder.Op("Conv", [As(Half, "x"), As(Half, weights)], node => node.Set("pads", [1, 1, 1, 1])));
        var model = builder.Build();
        var feed = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(5).Random(1, 16, 16, 4, 4) };
        var expected = Run(model, feed);

        BlockedConvolutions.Apply(model, feed);

        CollectionAssert.AreEqual(expected, Run(model, feed));
    }

    /// <summary>As many positions as samples: channels of a sample under each other are not those of all samples.</summary>
    [TestMethod]
    public void Positions_that_become_channels_stay_where_they_are()
    {
        var builder = new ModelBuilder(3).Input("x", -1, 16, 4, 4);
        builder.Op("Conv", ["x", builder.Constant(builder.Random(0.2, 16, 16, 3, 3))], node => node.Set("pads", [1, 1, 1, 1]));
        builder.Op("Reshape", [builder.Relu().Last, builder.Constant(Tensor.List(-1, 256, 1, 1))]);
        builder.Op("Conv", [builder.Last, builder.Constant(builder.Random(0.2, 16, 256, 1, 1))]);
        var model = builder.Build();
        var feed = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(5).Random(1, 16, 16, 4, 4) };
        var expected = Run(model, feed);

        BlockedConvolutions.Apply(model, feed);

        foreach (var (a, b) in expected.Zip(Run(model, feed))) Assert.AreEqual(a, b, 1e-4f);
    }

    private static void NothingBetweenLeavesBlocks(OnnxGraph graph)
    {
        var index = GraphIndex.Of(graph);
        foreach (var node in graph.Nodes.Where(node => node.Op is "Relu" or "Add" or "Mul" or "QuantizeLinear" or "Clip" or "DequantizeLinear" or "Greater" or "Equal" or "Cast"))
            Assert.IsFalse(node.Inputs.Any(input => index.Producer(input)?.Op == "ReorderOutput"), node.Op);
        Assert.IsFalse(graph.Nodes.Any(node => node.Ints("perm") is [0, 2, 3, 1] && index.Producer(node.Inputs[0])?.Op == "ReorderOutput"), "blocks move as a whole");
    }

    private static float[] Run(OnnxModel model, Dictionary<string, Tensor> feed)
    {
        using var session = new Session(model, new SessionSettings());
        return session.Run(feed).Values.Single().Floats();
    }
}
