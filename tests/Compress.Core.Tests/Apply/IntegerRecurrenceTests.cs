using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>LSTM whose products are of integers computes what the float one does, in every form that it has; what has no such form keeps its own.</summary>
[TestClass]
public sealed class IntegerRecurrenceTests
{
    private const int Steps = 7, Samples = 3, Width = 24, Hidden = 20;

    [TestMethod]
    [DataRow("forward", 7, false)]
    [DataRow("reverse", 8, false)]
    [DataRow("bidirectional", 7, false)]
    [DataRow("forward", 7, true, DisplayName = "lengths, states and peepholes")]
    [DataRow("bidirectional", 4, true)]
    public void It_computes_what_the_float_one_does(string direction, int bits, bool all)
    {
        var (model, feed) = Lstm(direction, all);

        var compressed = Apply(model, feed, bits);

        Assert.AreEqual("com.microsoft DynamicQuantizeLSTM", compressed.Graph.Nodes.Where(node => node.Op.Contains("LSTM", StringComparison.Ordinal)).Select(node => $"{node.Domain} {node.Op}").Single());
        var (exact, actual) = (Compressing.Run(model, feed), Compressing.Run(compressed, feed));
        foreach (var (name, tensor) in exact) CollectionAssert.AreEqual(tensor.Dims, actual[name].Dims);
        Assert.IsLessThan(bits == 4 ? 0.15 : 0.03, Compressing.RelativeError(exact, actual));
        Assert.IsFalse(compressed.Graph.Constants.Values.Any(constant => constant.IsFloat && constant.Count >= 4 * Hidden * Hidden), "its weights are stored as integers");
    }

    [TestMethod]
    public void Other_layouts_and_shared_weights_stay_in_float()
    {
        var (model, _) = Lstm("forward", all: false);
        Assert.IsTrue(Fits(model));
        model.Graph.Nodes[0].Set("layout", 1);
        Assert.IsFalse(Fits(model));

        (model, _) = Lstm("forward", all: false);
        model.Graph.Nodes.Add(new Node("Neg", [model.Graph.Nodes[0].Inputs[2]], ["other"]));
        Assert.IsFalse(Fits(model));
    }

    [TestMethod]
    public void Where_one_of_its_weights_stays_in_float_it_does_too()
    {
        var (model, feed) = Lstm("forward", all: false);
        var facts = Compressing.Facts(model, feed);
        facts = facts with { Tables = [.. Tables.Of(facts.Model, facts.Layers).Take(1)] };
        var plan = Compressing.Uniform(facts, 8) with { Tables = facts.Tables.ToImmutableSortedDictionary(table => table.Constant, _ => 8, StringComparer.Ordinal), IntegerRecurrence = [model.Graph.Nodes[0].Name] };

        Assert.IsTrue(Compressing.Apply(facts, plan).Model.Graph.Nodes.Any(node => node.Is("LSTM")));
    }

    private static bool Fits(OnnxModel model) => IntegerRecurrence.Fits(model.Graph, GraphIndex.Of(model.Graph), model.Graph.Nodes[0]);

    private static OnnxModel Apply(OnnxModel model, Dictionary<string, Tensor> feed, int bits)
    {
        var facts = Compressing.Facts(model, feed);
        facts = facts with { Tables = Tables.Of(facts.Model, facts.Layers) };
        var plan = Compressing.Uniform(facts, bits) with
        {
            Tables = facts.Tables.ToImmutableSortedDictionary(table => table.Constant, _ => bits, StringComparer.Ordinal),
            IntegerRecurrence = [model.Graph.Nodes[0].Name],
        };
        return Compressing.Apply(facts, plan).Model;
    }

    private static (OnnxModel Model, Dictionary<string, Tensor> Feed) Lstm(string direction, bool all)
    {
        var (builder, directions) = (new ModelBuilder(seed: 4).Input("x", Steps, Samples, Width), direction == "bidirectional" ? 2 : 1);
        string Weights(params long[] dims) => builder.Constant(builder.Random(0.3, dims));
        string[] more = all ? [builder.Constant(Tensor.Of([7, 4, 1], 3)), Weights(directions, Samples, Hidden), Weights(directions, Samples, Hidden), Weights(directions, 3 * Hidden)] : [];
        var outputs = builder.Op("LSTM", ["x", Weights(directions, 4 * Hidden, Width), Weights(directions, 4 * Hidden, Hidden), Weights(directions, 8 * Hidden), .. more], node => node.Set("hidden_size", (long)Hidden).Set("direction", direction), outputs: 3);
        var made = builder.Graph.Nodes[0].Outputs;
        builder.Output([.. made]);
        return (builder.Build(), new() { ["x"] = builder.Random(1, Steps, Samples, Width) });
    }
}
