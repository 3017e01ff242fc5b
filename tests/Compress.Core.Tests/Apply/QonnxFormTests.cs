using System.Collections.Immutable;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Testing;
using Onnx;

namespace Compress.Core.Tests.Apply;

/// <summary>QONNX: the file computes what its Quant nodes mean, by a formula of the test's own, and what the same plan gives in integers.</summary>
[TestClass]
public sealed class QonnxFormTests
{
    [TestMethod]
    [DataRow(8, 8)]
    [DataRow(4, 6)]
    [DataRow(2, 4)]
    [DataRow(QuantizePolicy.Ternary, 8)]
    public void Every_quantizer_is_a_quant_node_and_gives_what_the_formula_says(int weights, int activations)
    {
        var model = new ModelBuilder().Input("x", 2, 3, 8, 8).Conv(8, 3).Relu().Conv(8, 3).Relu().GlobalPool().Flatten().Dense(4, 8);
        var feed = new Dictionary<string, Tensor> { ["x"] = model.Random(1, 2, 3, 8, 8) };
        var facts = Compressing.Facts(model.Output().Build(), feed);
        var plan = Compressing.Uniform(facts, weights, activations);

        var written = Compressing.Apply(facts, plan with { Plain = true, Qonnx = true }).Model;

        var quants = written.Graph.Nodes.Where(node => node.Op == "Quant").ToList();
        Assert.IsTrue(written.Graph.Nodes.TrueForAll(node => node.Op is not ("QuantizeLinear" or "DequantizeLinear")));
        Assert.AreEqual(3, quants.Count(node => node.Int("signed") == 1));
        Assert.IsTrue(quants.All(node => node.Domain == QonnxForm.Domain && node.Inputs.Count == 4 && node.Text("rounding_mode") == "ROUND"));
        AssertFollowsFormula(written, quants, feed);

        // The integer kernels round at the same places; where a value lies between two steps they may differ by one.
        var integers = Compressing.Run(Compressing.Apply(facts, plan).Model, feed);
        Assert.IsLessThan(0.15, Compressing.RelativeError(integers, Compressing.Run(written, feed)));
    }

    [TestMethod]
    public void Sixteen_bit_activations_are_written_too()
    {
        var model = new ModelBuilder().Input("x", 2, 3, 8, 8).Conv(8, 3).Relu().Conv(8, 3);
        var feed = new Dictionary<string, Tensor> { ["x"] = model.Random(1, 2, 3, 8, 8) };
        var facts = Compressing.Facts(model.Output().Build(), feed);
        var plan = Compressing.Plan(facts, _ => 8, _ => 16);
        var exact = Compressing.Run(facts.Model, feed);
        Assert.IsLessThan(0.02, Compressing.RelativeError(exact, Compressing.Run(Compressing.Apply(facts, plan with { Plain = true }).Model, feed)), "pairs for NPUs");
        Assert.IsLessThan(0.02, Compressing.RelativeError(exact, Compressing.Run(Compressing.Apply(facts, plan with { Plain = true, Qonnx = true }).Model, feed)), "qonnx");
    }

    /// <summary>Input and output of each Quant node, as ONNX Runtime has them, against y = (clip(round(x / s + z), low, high) − z) · s.</summary>
    private static void AssertFollowsFormula(OnnxModel model, List<Node> quants, IReadOnlyDictionary<string, Tensor> feed)
    {
        var probe = model.Clone();
        probe.Graph.Outputs.AddRange(quants.SelectMany(node => new[] { node.Inputs[0], node.Output }).Distinct()
            .Where(value => !model.Graph.IsOutput(value) && !model.Graph.IsInput(value) && !model.Graph.Constants.ContainsKey(value)).Select(value => new ValueInfoProto { Name = value }));
        using var session = new Session(OnnxWriter.ToBytes(probe), new SessionSettings(Optimize: false));
        var values = session.Run(feed);
        Tensor Value(string name) => model.Graph.Constant(name) ?? (feed.TryGetValue(name, out var given) ? given : values[name]);
        foreach (var node in quants)
        {
            var (x, y) = (Value(node.Inputs[0]), Value(node.Output).Floats());
            var (scales, zero, bits) = (Value(node.Inputs[1]), Value(node.Inputs[2]).Floats()[0], (int)Value(node.Inputs[3]).Floats()[0]);
            var (signed, narrow) = (node.Int("signed") == 1, (int)node.Int("narrow"));
            var (low, high) = signed ? (-(1 << (bits - 1)) + narrow, (1 << (bits - 1)) - 1) : (0, (1 << bits) - 1 - narrow);
            var axis = Math.Max(0, Array.FindIndex(scales.Dims, dim => dim > 1));
            var inner = scales.Count == 1 ? x.Count : Tensor.ElementCount(x.Dims.AsSpan(axis + 1));
            for (var i = 0; i < y.Length; i++)
            {
                var scale = scales.Floats()[i / inner % scales.Count];
                var expected = (Math.Clamp(MathF.Round((x.Floats()[i] / scale) + zero, MidpointRounding.ToEven), low, high) - zero) * scale;
                Assert.AreEqual(expected, y[i], 1e-6f * Math.Max(1, Math.Abs(expected)), $"{node.Name} at {i}");
                if (i > 500) break;
            }
        }
    }
}
