using Compress.Analysis;
using Compress.Diagnostics;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Gradients;

[TestClass]
public sealed class GradientGraphTests
{
    [TestMethod]
    public void An_operator_without_gradient_is_named_with_its_layer()
    {
        var builder = new ModelBuilder().Input("x", -1, 4);
        builder.Op("CumSum", ["x", builder.Constant(Tensor.Of([1L]))], node => node.Name = "sums");

        var error = Assert.ThrowsExactly<CompressionException>(() => Gradient(builder.Build(), "x"));

        Assert.AreEqual("CMP4501", error.Diagnostic.Code);
        StringAssert.Contains(error.Message, "CumSum");
        StringAssert.Contains(error.Message, "sums");
    }

    [TestMethod]
    public void An_operator_beside_the_way_needs_no_gradient()
    {
        var builder = new ModelBuilder().Input("x", -1, 4);
        var sums = builder.Op("CumSum", ["x", builder.Constant(Tensor.Of([1L]))]);
        var w = builder.Constant(builder.Random(1, 4));
        builder.Op("Mul", [sums, w]);

        Assert.IsNotNull(Gradient(builder.Build(), w));
    }

    [TestMethod]
    public void A_half_precision_model_is_refused()
    {
        var builder = new ModelBuilder().Input("x", DataType.Float16, -1, 4);
        builder.Op("Relu", ["x"]);

        var error = Assert.ThrowsExactly<CompressionException>(() => Gradient(builder.Build(), "x"));

        Assert.AreEqual("CMP4502", error.Diagnostic.Code);
    }

    [TestMethod]
    public void What_nothing_depends_on_has_a_gradient_of_zeros()
    {
        var builder = new ModelBuilder().Input("x", -1, 4).Input("unused", -1, 2);
        builder.Op("Relu", ["x"]);
        var gradient = Gradient(builder.Build(), "unused");

        using var session = new Session(gradient.Model, new SessionSettings());
        var result = session.Run(new Dictionary<string, Tensor> { ["unused"] = builder.Random(1, 3, 2) }).Values.Single();

        CollectionAssert.AreEqual(new float[6], result.Floats());
    }

    [TestMethod]
    public void Gradients_from_a_value_inside_leave_out_what_lies_behind_it()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 5, 5).Conv(3, 3);
        var inside = builder.Last;
        builder.Relu().Conv(4, 3);
        var model = builder.Build();
        var gradient = GradientGraph.Of(model, Dims(model, builder), new GradientRequest(new Dictionary<string, string> { [inside] = "seed" }, ["x"]));

        CollectionAssert.AreEquivalent((string[])["seed"], gradient.Model.Graph.Inputs.Select(input => input.Name).Except(["x"]).ToArray());
        Assert.IsFalse(gradient.Model.Graph.Nodes.Any(node => node.Is("Relu")));
    }

    [TestMethod]
    public void The_same_request_gives_the_same_bytes()
    {
        byte[] Bytes()
        {
            var builder = new ModelBuilder().Input("x", -1, 2, 5, 5).Conv(3, 3).Relu().GlobalPool().Flatten().Dense(3);
            var model = builder.Build();
            return OnnxWriter.ToBytes(GradientGraph.Of(model, Dims(model, builder), new GradientRequest(new Dictionary<string, string> { [model.Graph.Outputs[0].Name] = "seed" }, ["x"])).Model);
        }

        CollectionAssert.AreEqual(Bytes(), Bytes());
    }

    /// <summary>From the first output, whose shape all values share here.</summary>
    private static GradientModel Gradient(OnnxModel model, string wanted)
    {
        var dims = model.Graph.Nodes.SelectMany(node => node.Outputs).Concat(model.Graph.Inputs.Select(input => input.Name)).ToDictionary(name => name, _ => new long[] { 2, 4 });
        foreach (var (name, tensor) in model.Graph.Constants) dims[name] = tensor.Dims;
        return GradientGraph.Of(model, dims, new GradientRequest(new Dictionary<string, string> { [model.Graph.Outputs[0].Name] = "seed" }, [wanted]));
    }

    private static Dictionary<string, long[]> Dims(OnnxModel model, ModelBuilder builder) =>
        ObservedShapes.Observe(model, builder.Feed(1)).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
}
