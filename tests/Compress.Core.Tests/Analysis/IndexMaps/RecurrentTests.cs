using Compress.Testing;
using Compress.Graph;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class RecurrentTests
{
    [TestMethod]
    [DataRow("LSTM", 4, "0,3,6,9>0;0 1,4,7,10>1;1 2,5,8,11>2;2")]
    [DataRow("GRU", 3, "0,3,6>0;0 1,4,7>1;1 2,5,8>2;2")]
    [DataRow("RNN", 1, "0>0;0 1>1;1 2>2;2")]
    public void A_hidden_unit_is_a_row_of_every_gate_and_a_column_of_the_recurrence(string op, int gates, string expected)
    {
        var builder = Layer(op, gates, directions: 1);
        builder.Op("Squeeze", [builder.Graph.Nodes[^1].Outputs[0], builder.Constant(Tensor.List(1))]);
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1, 3, 2))]);

        Assert.AreEqual(expected, Travel.Of(builder));
    }

    [TestMethod]
    public void Both_directions_lose_the_same_units()
    {
        var builder = Layer("GRU", 3, directions: 2);
        builder.Op("Transpose", [builder.Graph.Nodes[^1].Outputs[0]], node => node.Set("perm", [0, 2, 1, 3]));
        builder.Then("Reshape", null, [0, 0, -1]);
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1, 6, 2))]);

        Assert.AreEqual("0,3,6>0;0,3 1,4,7>1;1,4 2,5,8>2;2,5", Travel.Of(builder));
    }

    [TestMethod]
    public void A_state_that_is_fed_from_outside_holds_the_units()
    {
        var builder = new ModelBuilder().Input("state", 1, 2, 3).Input("x", 4, 2, 5);
        var (w, r) = (builder.Constant(builder.Random(0.5, 1, 3, 5)), builder.Constant(builder.Random(0.5, 1, 3, 3)));
        builder.Op("RNN", ["x", w, r, "", "", "state"], node => node.Set("hidden_size", 3).Name = "rnn", outputs: 2);
        builder.Op("MatMul", [builder.Graph.Nodes[^1].Outputs[0], builder.Constant(builder.Random(1, 3, 2))]);

        Assert.AreEqual("they come from the model's input 'state'", Travel.Closed(builder, "rnn"));
    }

    private static ModelBuilder Layer(string op, int gates, int directions)
    {
        var builder = new ModelBuilder().Input("x", 4, 2, 5);
        string Random(params long[] dims) => builder.Constant(builder.Random(0.5, dims));
        List<string> inputs = ["x", Random(directions, gates * 3, 5), Random(directions, gates * 3, 3), Random(directions, 2 * gates * 3), "", Random(directions, 2, 3)];
        if (op == "LSTM") inputs.AddRange([Random(directions, 2, 3), Random(directions, 9)]); // cell state, peepholes
        builder.Op(op, [.. inputs], node => node.Set("hidden_size", 3).Set("direction", directions == 2 ? "bidirectional" : "forward"), outputs: 2);
        return builder;
    }
}
