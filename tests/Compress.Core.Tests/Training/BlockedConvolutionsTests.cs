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

    private static float[] Run(OnnxModel model, Dictionary<string, Tensor> feed)
    {
        using var session = new Session(model, new SessionSettings());
        return session.Run(feed).Values.Single().Floats();
    }
}
