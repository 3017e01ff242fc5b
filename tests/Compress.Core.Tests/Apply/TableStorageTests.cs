using System.Collections.Immutable;
using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Testing;
using Onnx;

namespace Compress.Core.Tests.Apply;

/// <summary>Embeddings, recurrent weights and shared weights are stored in few bits and give what their rounded values give; what must be exact stays.</summary>
[TestClass]
public sealed class TableStorageTests
{
    private static readonly long[] Asked = [0, 63, 5, 5, 17, 40];

    [TestMethod]
    [DataRow(8, 8)]
    [DataRow(4, 4)]
    [DataRow(3, 4)]
    [DataRow(2, 2)]
    public void Rows_of_an_embedding_are_unpacked_as_they_are_read(int asked, int width)
    {
        var builder = new ModelBuilder().Input("ids", Onnx.TensorProto.Types.DataType.Int64, 2, 3);
        var table = builder.Constant(builder.Random(0.5, 64, 24));
        builder.Op("Gather", [table, "ids"]);
        builder.Output();
        var ids = new Dictionary<string, Tensor> { ["ids"] = Tensor.Of(Asked, 2, 3) };

        var (model, stored) = Stored(builder.Build(), ids, asked);

        Assert.AreEqual(width, stored.Single().Weights.Bits);
        var dims = stored.Single().Weights;
        var actual = Compressing.Run(model, ids).Values.Single();
        CollectionAssert.AreEqual(new long[] { 2, 3, 24 }, actual.Dims);
        // An oracle of its own: codes times scales, row by row.
        float[] expected = [.. Asked.SelectMany(row => Enumerable.Range(0, 24).Select(column => dims.Codes[(row * 24) + column] * dims.Scales[row]))];
        CollectionAssert.AreEqual(expected, actual.Floats());
        Assert.IsLessThanOrEqualTo(64 * 24 * width / 8 + 64 * 4, model.Graph.Constants.Values.Where(constant => constant.Count >= 64).Sum(constant => constant.ByteCount));
        Assert.IsTrue(OptimizedModel.Of(model).Constants.Values.All(constant => !constant.IsFloat || constant.Count <= 64), "the table was unpacked when the model was loaded");
    }

    [TestMethod]
    public void Recurrent_weights_that_a_branch_takes_from_outside_are_stored_in_few_bits()
    {
        var (model, feed) = Branching();
        var exact = Compressing.Run(model, feed);

        var (compressed, stored) = Stored(model, feed, 8);

        Assert.HasCount(2, stored);
        Assert.IsLessThan(0.02, Compressing.RelativeError(exact, Compressing.Run(compressed, feed)));
        Assert.IsLessThan(OnnxWriter.ToBytes(Lean.Apply(model)).Length / 2.5, OnnxWriter.ToBytes(Lean.Apply(compressed)).Length);
    }

    [TestMethod]
    public void A_constant_that_is_added_to_something_stays_exact()
    {
        var builder = new ModelBuilder().Input("x", 1, 40, 40);
        builder.Op("Add", ["x", builder.Constant(builder.Random(100, 40, 40))]);
        builder.Output();
        Assert.IsEmpty(Tables.Of(builder.Build(), []));
    }

    [TestMethod]
    public void Weights_that_two_products_share_have_a_scale_a_column()
    {
        var builder = new ModelBuilder().Input("x", 2, 40);
        var shared = builder.Constant(builder.Random(0.2, 40, 40));
        var first = builder.Op("MatMul", ["x", shared]);
        builder.Op("MatMul", [first, shared]);
        builder.Output();
        var feed = new Dictionary<string, Tensor> { ["x"] = builder.Random(1, 2, 40) };
        var exact = Compressing.Run(builder.Build(), feed);

        var (compressed, stored) = Stored(builder.Build(), feed, 8);

        Assert.AreEqual((TableForm.Columns, 40), (stored.Single().Table.Form, stored.Single().Weights.Scales.Length));
        Assert.IsLessThan(0.02, Compressing.RelativeError(exact, Compressing.Run(compressed, feed)));
    }

    /// <summary>An If whose branch is an LSTM with weights of the graph around it.</summary>
    private static (OnnxModel Model, IReadOnlyDictionary<string, Tensor> Feed) Branching()
    {
        var builder = new ModelBuilder().Input("x", 3, 1, 24);
        var branch = new GraphProto { Name = "then" };
        var (w, r) = (builder.Constant(builder.Random(0.3, 1, 96, 24)), builder.Constant(builder.Random(0.3, 1, 96, 24)));
        branch.Node.Add(OnnxWriter.ToProto(new Node("LSTM", ["x", w, r], ["states"]).Set("hidden_size", 24)));
        branch.Output.Add(new ValueInfoProto { Name = "states", Type = new() { TensorType = new() { ElemType = 1 } } });
        var other = new GraphProto { Name = "else" };
        other.Node.Add(OnnxWriter.ToProto(new Node("Identity", ["x"], ["same"])));
        other.Output.Add(new ValueInfoProto { Name = "same", Type = new() { TensorType = new() { ElemType = 1 } } });
        var size = builder.Op("Size", ["x"]);
        var isAny = builder.Op("Greater", [size, builder.Constant(Tensor.Of([0L]))]);
        var output = builder.Op("If", [builder.Op("Squeeze", [isAny])], node =>
        {
            node.Put(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = branch });
            node.Put(new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = other });
        });
        builder.Output(output);
        return (builder.Build(), new Dictionary<string, Tensor> { ["x"] = builder.Random(1, 3, 1, 24) });
    }

    private static (OnnxModel Model, IReadOnlyList<StoredTable> Stored) Stored(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed, int bits)
    {
        var folded = Folding.Apply(model).Model;
        var facts = new ModelFacts(folded, ObservedShapes.Observe(folded, feed), Layers.Of(folded), [])
        {
            Histograms = new Dictionary<string, Histogram>(),
            Groups = ChannelGroups.Find(folded, ObservedShapes.Observe(folded, feed)),
            Tables = Tables.Of(folded, Layers.Of(folded)),
        };
        var plan = CompressionPlan.Untouched(facts.Layers.Select(layer => layer.Name)) with { Tables = facts.Tables.ToImmutableSortedDictionary(table => table.Constant, _ => bits, StringComparer.Ordinal) };
        var prepared = PlanApplier.Roughly(facts, plan);
        var applied = PlanApplier.Write(prepared, plain: false);
        GraphRules.CheckAfter("applying the plan", applied.Model);
        return (applied.Model, prepared.Tables);
    }
}
