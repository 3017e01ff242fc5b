using Compress.Analysis;
using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;

namespace Compress.Core.Tests.Analysis;

/// <summary>With ones everywhere and no padding, every product adds 1 to some output: ONNX Runtime itself counts the multiply-accumulates.</summary>
[TestClass]
public sealed class CostsLayersTests
{
    private readonly ModelBuilder builder = new();

    [TestMethod]
    [DataRow(1, 1, 1)]
    [DataRow(2, 1, 1)]
    [DataRow(1, 2, 2)]
    [DataRow(2, 3, 6)]
    public void Convolutions(int stride, int dilation, int groups)
    {
        builder.Input("x", 2, 6, 9, 11);
        builder.Op("Conv", ["x", Ones(12, 6 / groups, 3, 2)], node => node.Set("strides", [stride, stride]).Set("dilations", [dilation, dilation]).Set("group", groups));
        Check(samples: 2, weights: 12 * 6 / groups * 6);
    }

    [TestMethod]
    public void A_depthwise_convolution_that_is_cut_whole_costs_nothing()
    {
        var cut = new LayerShape("d", "Conv", 8, 8, 8, 9, 49).Keep(0, 0);

        Assert.AreEqual((0, 0), (cut.Macs, cut.Weights));
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(2, 3)]
    public void Transposed_convolutions(int stride, int groups)
    {
        builder.Input("x", 2, 6, 4, 5);
        builder.Op("ConvTranspose", ["x", Ones(6, 4, 3, 3)], node => node.Set("strides", [stride, stride]).Set("group", groups));
        Check(samples: 2, weights: 6 * 4 * 9);
    }

    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(1, 1)]
    public void Gemm(int transA, int transB)
    {
        builder.Input("x", transA == 0 ? [3, 5] : [5, 3]);
        builder.Op("Gemm", ["x", transB == 0 ? Ones(5, 7) : Ones(7, 5)], node => node.Set("transA", transA).Set("transB", transB));
        Check(samples: 1, weights: 35);
    }

    [TestMethod]
    public void A_matrix_product_with_weights_on_the_right()
    {
        builder.Input("x", 2, 4, 5);
        builder.Op("MatMul", ["x", Ones(5, 7)]);
        Check(samples: 2, weights: 35);
    }

    [TestMethod]
    public void A_matrix_product_with_weights_on_the_left()
    {
        builder.Input("x", 2, 4, 5);
        builder.Op("MatMul", [Ones(7, 4), "x"]);
        var layer = Check(samples: 2, weights: 28);
        Assert.AreEqual((7L, "x"), (layer.OutChannels, layer.Input));
    }

    [TestMethod]
    public void A_product_of_two_activations_has_no_weights()
    {
        builder.Input("x", 2, 3, 4, 5).Input("y", 2, 3, 5, 6);
        builder.Op("MatMul", ["x", "y"]);
        Check(samples: 2, weights: 0);
    }

    [TestMethod]
    public void Weights_behind_a_transpose_are_weights()
    {
        builder.Input("x", 2, 5);
        var transposed = builder.Op("Transpose", [Ones(7, 5)]);
        builder.Op("MatMul", ["x", transposed]);
        Check(samples: 2, weights: 35);
    }

    [TestMethod]
    [DataRow("LSTM", 4)]
    [DataRow("GRU", 3)]
    public void Recurrent_layers_have_one_product_for_each_gate_input_and_step(string op, int gates)
    {
        const int Steps = 6, Batch = 2, Inputs = 5, Hidden = 7, Directions = 2;
        builder.Input("x", Steps, Batch, Inputs);
        builder.Op(op, ["x", Ones(Directions, gates * Hidden, Inputs), Ones(Directions, gates * Hidden, Hidden)], node => node.Set("hidden_size", Hidden).Set("direction", "bidirectional"), outputs: 2);

        var layer = Layers(Batch).Single();

        Assert.AreEqual(Steps * Directions * gates * Hidden * (Inputs + Hidden), layer.Macs);
        Assert.AreEqual(Directions * gates * Hidden * (Inputs + Hidden), layer.Weights);
    }

    [TestMethod]
    public void A_layer_with_fewer_channels_costs_what_the_smaller_convolution_costs()
    {
        var dense = new LayerShape("c", "Conv", 16, 32, 1, 9, 100);
        Assert.AreEqual(100 * 20 * 9 * 12, dense.Keep(12, 20).Macs);
        var depthwise = new LayerShape("d", "Conv", 16, 16, 16, 9, 100);
        Assert.AreEqual(100 * 12 * 9, depthwise.Keep(12, 12).Macs);
        Assert.AreEqual(12 * 9, depthwise.Keep(12, 12).Weights);
    }

    private LayerShape Check(int samples, long weights)
    {
        var model = builder.Build();
        using var session = new Session(model, new SessionSettings());
        var counted = session.Run(Feed()).Values.Single().Floats().Sum(x => (double)x) / samples;

        var layer = Layers(samples).Single();

        Assert.AreEqual(counted, layer.Macs);
        Assert.AreEqual(weights, layer.Weights);
        return layer;
    }

    private IReadOnlyList<LayerShape> Layers(int samples)
    {
        var model = builder.Build();
        return Costs.Layers(model, ObservedShapes.Observe(model, Feed()), samples);
    }

    private Dictionary<string, Tensor> Feed() => builder.Feed().ToDictionary(entry => entry.Key, entry => OnesTensor(entry.Value.Dims));

    private string Ones(params long[] dims) => builder.Constant(OnesTensor(dims), "w");

    private static Tensor OnesTensor(long[] dims)
    {
        var values = new float[Tensor.ElementCount(dims)];
        Array.Fill(values, 1);
        return Tensor.Of(values, dims);
    }
}
