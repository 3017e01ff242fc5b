using Compress.Analysis;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime;
using Compress.Runtime.Operators;
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

    /// <summary>A residual block on a grid, trained, with ordinary operators and with ours: what lies between convolutions stays in blocks.</summary>
    [TestMethod]
    [DataRow(16, 16, 16, 3, 1, 1, false, DisplayName = "whole blocks")]
    [DataRow(32, 32, 32, 3, 1, 1, false, DisplayName = "several blocks")]
    [DataRow(32, 16, 16, 3, 2, 1, false, DisplayName = "a stride")]
    [DataRow(16, 20, 20, 3, 1, 1, false, DisplayName = "channels that fill no block")]
    [DataRow(10, 21, 21, 3, 1, 1, false, DisplayName = "odd counts")]
    [DataRow(16, 32, 32, 3, 1, 32, false, DisplayName = "a channel a group")]
    [DataRow(16, 32, 32, 3, 2, 32, false, DisplayName = "a channel a group, a stride")]
    [DataRow(10, 32, 32, 1, 1, 1, false, DisplayName = "one pixel")]
    [DataRow(16, 32, 16, 1, 2, 1, false, DisplayName = "one pixel, a stride")]
    [DataRow(16, 32, 20, 1, 1, 1, false, DisplayName = "one pixel, filters that fill no block")]
    [DataRow(16, 20, 32, 5, 1, 1, false, DisplayName = "a wide kernel")]
    [DataRow(16, 32, 32, 3, 1, 1, true, DisplayName = "by tiles")]
    [DataRow(10, 20, 21, 3, 1, 1, true, DisplayName = "by tiles, channels that fill no block")]
    [DataRow(16, 16, 32, 3, 2, 1, true, DisplayName = "by tiles and with a stride")]
    public void Gradients_in_blocks_are_the_same(int samples, int channels, int filters, int kernel, int stride, int group, bool byTiles)
    {
        var spread = byTiles ? 1 : 2; // a kernel that is spread is taken as sums, in the order of ONNX Runtime
        var (expected, actual) = (Gradients(false), Gradients(true));

        for (var i = 0; i < expected.Length; i++)
            if (byTiles) Assert.IsLessThan(0.005, Distance(expected[i], actual[i]), $"gradient {i}"); // tiles round otherwise: values in the middle of two codes, few on a coarse grid, go the other way
            else foreach (var (a, b) in expected[i].Zip(actual[i])) Assert.AreEqual(a, b, 1e-4f * expected[i].Max(Math.Abs), $"gradient {i}");

        static double Distance(float[] expected, float[] actual) => Math.Sqrt(expected.Zip(actual, (a, b) => Math.Pow(a - b, 2)).Sum() / expected.Sum(value => Math.Pow(value, 2)));

        float[][] Gradients(bool ours)
        {
            var builder = new ModelBuilder(3).Input("x", -1, channels, 9, 10);
            var wanted = new List<string>();
            string Wanted(Tensor value)
            {
                wanted.Add(builder.Constant(value));
                return wanted[^1];
            }
            string Weights(params long[] dims) => Wanted(builder.Random(0.2, dims));
            string Byte(byte value) => builder.Constant(new Tensor(Onnx.TensorProto.Types.DataType.Uint8, [], new byte[] { value }));
            // As exporters write it.
            string Conv(string input, string w, string b, int size, int groups, int by, int pad) => builder.Op("Conv", [input, w, b], node =>
            {
                var apart = size == 3 && groups == 1 && by == 1 ? spread : 1;
                long around = pad * apart;
                node.Set("auto_pad", "NOTSET").Set("kernel_shape", [size, size]).Set("pads", [around, around, around, around]).Set("strides", [by, by]).Set("dilations", [apart, apart]).Set("group", groups);
            });
            var step = Wanted(Tensor.Scalar(byTiles ? 0.5f : 0.1f));
            string OnGrid(string value)
            {
                if (ours) return builder.Op(OwnOperators.Quantize, [value, step, builder.Constant(Tensor.Of([0, 15, 0, float.PositiveInfinity], 4))], node => node.Domain = OwnOperators.Domain);
                var zero = Byte(64);
                var codes = builder.Op("Clip", [builder.Op("QuantizeLinear", [builder.Op("Relu", [value]), step, zero]), Byte(64), Byte(79)]);
                return builder.Op("DequantizeLinear", [codes, step, zero]);
            }
            var first = OnGrid(Conv("x", Weights(channels, channels, 3, 3), Weights(channels), 3, 1, 1, 1));
            var second = Conv(first, Weights(filters, channels / group, kernel, kernel), Weights(filters), kernel, group, stride, kernel == 5 ? 0 : kernel / 2);
            Conv(OnGrid(stride == 1 && filters == channels ? builder.Op("Add", [second, first]) : second), Weights(16, filters, 3, 3), Weights(16), 3, 1, 1, 1);
            var model = builder.Build();
            if (ours) model.SetOpset(OwnOperators.Domain, 1);
            var output = model.Graph.Outputs[0].Name;
            var feed = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(5).Random(1, samples, channels, 9, 10) };
            var dims = ObservedShapes.Observe(model, feed).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
            feed["seed"] = new ModelBuilder(6).Random(1, dims[output]);
            var made = GradientGraph.Of(model, dims, new GradientRequest(new Dictionary<string, string> { [output] = "seed" }, wanted) { InBlocks = ours });
            if (ours)
            {
                BlockedConvolutions.Apply(made.Model, feed);
                NothingBetweenLeavesBlocks(made.Model.Graph);
                SpareMemory.Apply(made.Model.Graph);
                MemoryIsSpared(made.Model.Graph);
            }
            GraphRules.CheckAfter("blocks", made.Model);
            using var session = new Session(made.Model, new SessionSettings(FuseQuantized: false));
            var results = session.Run(feed);
            return [.. wanted.Select(name => results[made.Gradients[name]].Floats())];
        }
    }

    [TestMethod]
    [DataRow(16, DisplayName = "whole blocks")]
    [DataRow(20, DisplayName = "channels that fill no block")]
    public void Pooling_by_the_largest_stays_in_blocks_with_its_gradient(int channels)
    {
        var builder = new ModelBuilder(3).Input("x", -1, channels, 12, 8);
        var weights = builder.Constant(builder.Random(0.2, channels, channels, 3, 3));
        void Conv() => builder.Op("Conv", [builder.Last, weights], node => node.Set("kernel_shape", [3L, 3]).Set("pads", [1L, 1, 1, 1]));
        builder.Op("Relu", ["x"]);
        Conv();
        builder.Op("MaxPool", [builder.Relu().Last], node => node.Set("kernel_shape", [3L, 2]).Set("strides", [3L, 2]));
        Conv();
        var model = builder.Build();
        var output = model.Graph.Outputs[0].Name;
        var feed = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(5).Random(1, 3, channels, 12, 8) };
        var dims = ObservedShapes.Observe(model, feed).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        feed["seed"] = new ModelBuilder(6).Random(1, dims[output]);
        var (expected, actual) = (Gradient(model, dims, feed, weights, false), Gradient(model, dims, feed, weights, true));

        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-4f * expected.Max(Math.Abs));
    }

    [TestMethod]
    [DataRow(16, 32, 2, 1, DisplayName = "whole blocks")]
    [DataRow(20, 9, 1, 1, DisplayName = "channels that fill no block")]
    [DataRow(32, 32, 2, 32, DisplayName = "a channel a group")]
    public void Weights_of_a_transposed_convolution_have_the_same_gradient(int channels, int filters, int stride, int group)
    {
        var builder = new ModelBuilder(3).Input("x", -1, channels, 5, 6);
        var weights = builder.Constant(builder.Random(0.2, channels, filters / group, 3, 3));
        builder.Op("ConvTranspose", ["x", weights], node => node.Set("kernel_shape", [3L, 3]).Set("strides", [stride, stride]).Set("pads", [1L, 0, 0, 1]).Set("group", group));
        var model = builder.Build();
        var output = model.Graph.Outputs[0].Name;
        var feed = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(5).Random(1, 3, channels, 5, 6) };
        var dims = ObservedShapes.Observe(model, feed).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        feed["seed"] = new ModelBuilder(6).Random(1, dims[output]);

        var (expected, actual) = (Gradient(model, dims, feed, weights, false), Gradient(model, dims, feed, weights, true));

        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-4f * expected.Max(Math.Abs));
    }

    private static float[] Gradient(OnnxModel model, Dictionary<string, long[]> dims, Dictionary<string, Tensor> feed, string wanted, bool inBlocks)
    {
        var made = GradientGraph.Of(model, dims, new GradientRequest(new Dictionary<string, string> { [model.Graph.Outputs[0].Name] = "seed" }, [wanted]) { InBlocks = inBlocks });
        if (inBlocks) BlockedConvolutions.Apply(made.Model, feed);
        Assert.AreEqual(inBlocks, made.Model.Graph.Nodes.Exists(node => node.Domain == OwnOperators.Domain));
        Assert.AreEqual(inBlocks && model.Graph.Nodes.Exists(node => node.Op == "MaxPool"), made.Model.Graph.Nodes.Exists(node => node is { Op: "MaxPool", Domain: ChannelBlock.Domain }));
        Assert.IsFalse(made.Model.Graph.Nodes.Exists(node => inBlocks && node.Op == OwnOperators.InBlocks), "brought into blocks by ONNX Runtime");
        using var session = new Session(made.Model, new SessionSettings(FuseQuantized: false));
        return session.Run(feed)[made.Gradients[wanted]].Floats();
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

    private static void MemoryIsSpared(OnnxGraph graph)
    {
        int Count(string op) => graph.Nodes.Count(node => node.Domain == OwnOperators.Domain && node.Op == op);
        Assert.AreEqual(2, Count(OwnOperators.ConvGradient + OwnOperators.OfPlaces));
        Assert.AreEqual(2, Count(OwnOperators.Quantize + OwnOperators.InPlace));
        Assert.AreEqual(2, Count(OwnOperators.QuantizeGradient + OwnOperators.InPlace));
    }

    private static void NothingBetweenLeavesBlocks(OnnxGraph graph)
    {
        var index = GraphIndex.Of(graph);
        foreach (var node in graph.Nodes.Where(node => node.Domain == OwnOperators.Domain || node.Op is "Add" or "Mul" or "Greater" or "Cast"))
            Assert.IsFalse(node.Inputs.Any(input => index.Producer(input)?.Op == "ReorderOutput"), node.Op);
    }

    private static float[] Run(OnnxModel model, Dictionary<string, Tensor> feed)
    {
        using var session = new Session(model, new SessionSettings());
        return session.Run(feed).Values.Single().Floats();
    }
}
