using Compress.Analysis;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime;
using Compress.Runtime.Operators;
using Compress.Testing;
using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>What nobody else reads is written over, and only that: gradients stay what they were.</summary>
[TestClass]
public sealed class SpareMemoryTests
{
    [TestMethod]
    [DataRow("", true, DisplayName = "nobody else reads the value")]
    [DataRow("Add", false, DisplayName = "another operator reads it")]
    [DataRow("output", false, DisplayName = "it is an output")]
    [DataRow("Reshape", false, DisplayName = "it may be another value by a new name")]
    [DataRow("zero", false, DisplayName = "what adds nothing to it may go")]
    [DataRow("MatMul", false, DisplayName = "ONNX Runtime may give it to those who asked for the same elsewhere")]
    public void Gradients_are_the_same(string other, bool isOver)
    {
        var (model, made, feed) = Made(other);
        var expected = Run(made.Model, feed);

        SpareMemory.Apply(made.Model.Graph);

        Assert.AreEqual(isOver, made.Model.Graph.Nodes.Exists(node => node.Op == OwnOperators.Quantize + OwnOperators.InPlace));
        Assert.IsFalse(model.Graph.Nodes.Exists(node => node.Op.EndsWith(OwnOperators.InPlace, StringComparison.Ordinal)), "the model itself is left alone");
        var actual = Run(made.Model, feed);
        foreach (var (name, values) in expected) CollectionAssert.AreEqual(values, actual[name], name);
    }

    /// <summary>A gradient that goes two ways is read by both.</summary>
    [TestMethod]
    public void A_gradient_that_others_read_stays_as_it_was()
    {
        var builder = new ModelBuilder(3).Input("x", -1, 40);
        var weights = builder.Constant(builder.Random(0.3, 40, 40));
        var product = builder.Op("MatMul", ["x", weights]);
        var onGrid = OnGrid(builder, product, 0.1f);
        builder.Op("Add", [builder.Op("MatMul", [onGrid, weights]), onGrid]);
        var made = Gradients(builder.Build(), [.. Steps(builder), weights], out var feed);
        var expected = Run(made.Model, feed);

        SpareMemory.Apply(made.Model.Graph);

        foreach (var (name, values) in Run(made.Model, feed)) CollectionAssert.AreEqual(expected[name], values, name);
    }

    private static (OnnxModel Model, GradientModel Made, Dictionary<string, Tensor> Feed) Made(string other)
    {
        var builder = new ModelBuilder(3).Input("x", -1, 40);
        var weights = builder.Constant(builder.Random(0.3, 40, 40));
        var product = builder.Op("MatMul", ["x", weights]);
        var value = other == "MatMul" ? product : OnGrid(builder, product, 0.03f);
        var read = other switch
        {
            "Reshape" => builder.Op("Reshape", [value, builder.Constant(Tensor.List(-1, 40))]),
            "zero" => builder.Op("Add", [value, builder.Constant(Tensor.Scalar(0f))]),
            _ => value,
        };
        var onGrid = OnGrid(builder, read, 0.1f);
        if (other.Length > 0) builder.Op("Add", [onGrid, builder.Op("Tanh", [other == "MatMul" ? builder.Op("MatMul", ["x", weights]) : value])]);
        var model = builder.Build();
        if (other == "output") model.Graph.Outputs.Add(new Onnx.ValueInfoProto { Name = value });
        var made = Gradients(model, [.. Steps(builder), weights], out var feed);
        return (model, made, feed);
    }

    private static string OnGrid(ModelBuilder builder, string value, float size)
    {
        var step = builder.Constant(Tensor.Scalar(size));
        return builder.Op(OwnOperators.Quantize, [value, step, builder.Constant(Tensor.Of([0, 15, 0, float.PositiveInfinity], 4))], node => node.Domain = OwnOperators.Domain);
    }

    private static IEnumerable<string> Steps(ModelBuilder builder) => builder.Graph.Nodes.Where(node => node.Op == OwnOperators.Quantize).Select(node => node.Inputs[1]);

    private static GradientModel Gradients(OnnxModel model, string[] wanted, out Dictionary<string, Tensor> feed)
    {
        model.SetOpset(OwnOperators.Domain, 1);
        feed = new() { ["x"] = new ModelBuilder(5).Random(1, 7, 40) };
        var dims = ObservedShapes.Observe(model, feed).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        var output = model.Graph.Outputs[0].Name;
        feed["seed"] = new ModelBuilder(6).Random(1, dims[output]);
        return GradientGraph.Of(model, dims, new GradientRequest(new Dictionary<string, string> { [output] = "seed" }, wanted) { Forward = [.. model.Graph.Outputs.Select(value => value.Name)], ConstantsAsInputs = false });
    }

    private static Dictionary<string, float[]> Run(OnnxModel model, Dictionary<string, Tensor> feed)
    {
        using var session = new Session(model, new SessionSettings(FuseQuantized: false));
        return session.Run(feed).ToDictionary(entry => entry.Key, entry => entry.Value.Floats());
    }
}
