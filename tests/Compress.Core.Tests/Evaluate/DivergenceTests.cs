using Compress.Analysis;
using Compress.Data;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;

namespace Compress.Core.Tests.Evaluate;

[TestClass]
public sealed class DivergenceTests
{
    [TestMethod]
    public void A_layers_divergence_is_the_squared_error_of_its_output_relative_to_its_energy()
    {
        var builder = Network();
        var model = builder.Build();
        var layers = Layers.Of(model);
        var changed = model.Clone();
        var second = layers[1].Weight;
        changed.Graph.Constants[second] = Tensor.Of([.. model.Graph.Constants[second].Floats().Select(w => MathF.Round(w * 4) / 4)], model.Graph.Constants[second].Dims);

        var divergence = Measure(model, changed, builder);

        Assert.AreEqual(0, divergence[layers[0].Name]);
        // The oracle: the second layer's output as the only output of each model.
        var (x, y) = (Run(model, layers[1].Output, builder), Run(changed, layers[1].Output, builder));
        Assert.AreEqual(x.Zip(y, (a, b) => Math.Pow(a - b, 2)).Sum() / x.Sum(a => (double)a * a), divergence[layers[1].Name], 1e-6);
        Assert.IsTrue(divergence[layers[2].Name] > 0);
    }

    [TestMethod]
    public void A_layer_that_melted_with_its_bound_is_compared_after_the_bound()
    {
        var builder = Network();
        var model = builder.Build();
        var compressed = model.Clone();
        var (convolution, relu) = (compressed.Graph.Nodes[0], compressed.Graph.Nodes[1]);
        convolution.Outputs[0] = "melted";
        relu.Inputs[0] = "melted";
        relu.Outputs[0] += ".x";
        compressed.Graph.Nodes[2].Inputs[0] = relu.Output;

        Assert.AreEqual(0, Measure(model, compressed, builder)[convolution.Name]);
    }

    [TestMethod]
    public void Layers_without_a_counterpart_of_the_same_size_are_absent()
    {
        var builder = Network();
        var model = builder.Build();
        var compressed = model.Clone();
        var layers = Layers.Of(model);
        // The second convolution makes one channel less, the third reads one less.
        Cut(layers[1].Weight, axis: 0);
        Cut(layers[1].Bias!, axis: 0);
        Cut(layers[2].Weight, axis: 1);

        CollectionAssert.AreEqual(new[] { layers[0].Name, layers[2].Name }, Measure(model, compressed, builder).Keys.ToArray());

        void Cut(string name, int axis)
        {
            var tensor = compressed.Graph.Constants[name];
            long[] dims = [.. tensor.Dims];
            var (outer, inner) = (Tensor.ElementCount(dims.AsSpan(0, axis)), Tensor.ElementCount(dims.AsSpan(axis + 1)));
            var kept = tensor.Floats().Where((_, i) => i / inner % dims[axis] < dims[axis] - 1).ToArray();
            dims[axis]--;
            Assert.AreEqual(outer * inner * dims[axis], kept.Length);
            compressed.Graph.Constants[name] = Tensor.Of(kept, dims);
        }
    }

    private static ModelBuilder Network() => new ModelBuilder().Input("x", -1, 3, 8, 8).Conv(6, 3).Relu().Conv(6, 3).GlobalPool().Flatten().Dense(4);

    private static IReadOnlyDictionary<string, double> Measure(OnnxModel original, OnnxModel compressed, ModelBuilder builder) =>
        Divergence.Measure(original, compressed, Layers.Of(original), [new Batch(Feed(builder), new Dictionary<string, Tensor>(), 4)]);

    private static IReadOnlyDictionary<string, Tensor> Feed(ModelBuilder builder) =>
        builder.Graph.Inputs.ToDictionary(input => input.Name, _ => new ModelBuilder(5).Random(1, 4, 3, 8, 8));

    private static float[] Run(OnnxModel model, string value, ModelBuilder builder)
    {
        var probe = model.Clone();
        probe.Graph.Outputs.Clear();
        probe.Graph.Outputs.Add(new Onnx.ValueInfoProto { Name = value });
        using var session = new Session(probe, new SessionSettings());
        return session.Run(Feed(builder))[value].Floats();
    }
}
