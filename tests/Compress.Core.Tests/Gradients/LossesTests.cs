using Compress.Graph;
using Compress.Testing;
using Compress.Analysis;
using Compress.Gradients;
using Compress.Runtime;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Gradients;

/// <summary>Values against the definitions in double precision; gradients as those of any graph.</summary>
[TestClass]
public sealed class LossesTests
{
    private static readonly double[][] Logits = [[0.3, -1.2, 2.0], [0.1, 0.2, -0.5]], Teacher = [[1.0, 0.0, 1.5], [-0.4, 0.9, 0.2]];
    private static readonly long[] Labels = [2, 0];

    [TestMethod]
    public void Cross_entropy()
    {
        var expected = Logits.Zip(Labels, (row, label) => -Log(row)[label]).Average();
        var gradient = Logits.Zip(Labels, (row, label) => Log(row).Select((log, c) => (Math.Exp(log) - (c == label ? 1 : 0)) / 2)).SelectMany(row => row);

        Check(graph => Losses.CrossEntropy(graph, "y", "labels", 2), ("labels", Tensor.Of(Labels, 2)), expected, gradient);
    }

    [TestMethod]
    public void Divergence_from_a_teacher()
    {
        var expected = Logits.Zip(Teacher, (row, other) => Log(row).Zip(Log(other), (q, p) => Math.Exp(p) * (p - q)).Sum()).Average();
        var gradient = Logits.Zip(Teacher, (row, other) => Log(row).Zip(Log(other), (q, p) => (Math.Exp(q) - Math.Exp(p)) / 2)).SelectMany(row => row);

        Check(graph => Losses.Divergence(graph, "y", "teacher", 2), ("teacher", Rows(Teacher)), expected, gradient);
    }

    /// <summary>A model that rules out classes of some samples gives them −∞, and so does its student.</summary>
    [TestMethod]
    public void Masked_classes_count_for_nothing()
    {
        double[][] Masked(double[][] rows) => [.. rows.Select(row => row[..2].Append(double.NegativeInfinity).ToArray())];
        var (logits, teacher) = (Masked(Logits), Masked(Teacher));
        double[][] Two(double[][] rows) => [.. rows.Select(row => row[..2])];
        var divergence = Two(logits).Zip(Two(teacher), (row, other) => Log(row).Zip(Log(other), (q, p) => Math.Exp(p) * (p - q)).Sum()).Average();
        var gradient = Two(logits).Zip(Two(teacher), (row, other) => Log(row).Zip(Log(other), (q, p) => (Math.Exp(q) - Math.Exp(p)) / 2).Append(0)).SelectMany(row => row);
        Check(logits, graph => Losses.Divergence(graph, "y", "teacher", 2), [("teacher", Rows(teacher))], divergence, gradient);

        long[] labels = [1, 0];
        var entropy = Two(logits).Zip(labels, (row, label) => -Log(row)[label]).Average();
        gradient = Two(logits).Zip(labels, (row, label) => Log(row).Select((log, c) => (Math.Exp(log) - (c == label ? 1 : 0)) / 2).Append(0)).SelectMany(row => row);
        Check(logits, graph => Losses.CrossEntropy(graph, "y", "labels", 2), [("labels", Tensor.Of(labels, 2))], entropy, gradient);
    }

    /// <summary>Rows of logits as a sequence and as a map give what they give as samples.</summary>
    [TestMethod]
    [DataRow(new long[] { 1, 2, 3 }, DisplayName = "sequence")]
    [DataRow(new long[] { 1, 3, 1, 2 }, DisplayName = "map")]
    public void Classes_of_sequences_and_maps(long[] dims)
    {
        Tensor Of(double[][] rows) => Tensor.Of([.. Enumerable.Range(0, 6).Select(i => (float)(dims.Length == 4 ? rows[i % 2][i / 2] : rows[i / 3][i % 3]))], dims);
        var builder = new ModelBuilder().Input("x", dims);
        builder.Op("Identity", ["x"], node => node.Outputs[0] = "y");
        var model = builder.Output("y").Build();
        var (entropy, divergence) = (Losses.CrossEntropy(model.Graph, "y", "labels", dims.Length), Losses.Divergence(model.Graph, "y", "teacher", dims.Length));
        foreach (var loss in (string[])[entropy, divergence]) model.Graph.Outputs.Add(new Onnx.ValueInfoProto { Name = loss });

        using var session = new Session(model, new SessionSettings());
        var results = session.Run(new Dictionary<string, Tensor> { ["x"] = Of(Logits), ["teacher"] = Of(Teacher), ["labels"] = Tensor.Of(Labels, [1, .. dims.Length == 4 ? new long[] { 1, 2 } : [2]]) });

        Assert.AreEqual(Logits.Zip(Labels, (row, label) => -Log(row)[label]).Average(), results[entropy].Floats()[0], 1e-5);
        Assert.AreEqual(Logits.Zip(Teacher, (row, other) => Log(row).Zip(Log(other), (q, p) => Math.Exp(p) * (p - q)).Sum()).Average(), results[divergence].Floats()[0], 1e-5);
    }

    [TestMethod]
    public void Mean_square()
    {
        var differences = Logits.Zip(Teacher, (row, other) => row.Zip(other, (a, b) => a - b)).SelectMany(row => row).ToArray();

        Check(graph => Losses.MeanSquare(graph, "y", "target", 2), ("target", Rows(Teacher)), differences.Average(d => d * d), differences.Select(d => 2 * d / 6));
    }

    [TestMethod]
    public void Mean_square_of_what_is_known()
    {
        var known = new[] { new[] { 3.0, 0, 0 }, [0, 0, 3.0] };
        var (first, last) = (Logits[0][0] - Teacher[0][0], Logits[1][2] - Teacher[1][2]);

        Check(Logits, graph => Losses.MeanSquareOf(graph, "y", "target", "known", 2), [("target", Rows(Teacher)), ("known", Rows(known))], ((first * first) + (last * last)) / 2, [first, 0, 0, 0, 0, last]);
    }

    [TestMethod]
    public void A_weighted_sum()
    {
        var first = Logits.Zip(Labels, (row, label) => -Log(row)[label]).Average();
        var gradient = Logits.Zip(Labels, (row, label) => Log(row).Select((log, c) => 1.5 * (Math.Exp(log) - (c == label ? 1 : 0)) / 2)).SelectMany(row => row);

        Check(graph => Losses.Weighted(graph, (Losses.CrossEntropy(graph, "y", "labels", 2), 1), (Losses.CrossEntropy(graph, "y", "labels", 2), 0.5f)), ("labels", Tensor.Of(Labels, 2)), 1.5 * first, gradient);
    }

    private static void Check(Func<OnnxGraph, string> add, (string Name, Tensor Value) target, double expected, IEnumerable<double> gradient) => Check(Logits, add, [target], expected, gradient);

    private static void Check(double[][] logits, Func<OnnxGraph, string> add, (string Name, Tensor Value)[] targets, double expected, IEnumerable<double> gradient)
    {
        var builder = new ModelBuilder().Input("x", -1, 3);
        builder.Op("Identity", ["x"], node => node.Outputs[0] = "y");
        var model = builder.Output("y").Build();
        var loss = add(model.Graph);
        var feed = new Dictionary<string, Tensor> { ["x"] = Rows(logits) };
        foreach (var (name, value) in targets) feed[name] = value;
        var dims = ObservedShapes.Observe(model, feed).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        var request = new GradientRequest(new Dictionary<string, string> { [loss] = Losses.Seed(model.Graph) }, ["x"]) { Forward = [loss] };
        var made = GradientGraph.Of(model, dims, request);

        using var session = new Session(made.Model, new SessionSettings());
        var results = session.Run(feed);

        Assert.AreEqual(expected, results[loss].Floats()[0], 1e-5);
        foreach (var (wanted, actual) in gradient.Zip(results[made.Gradients["x"]].Floats())) Assert.AreEqual(wanted, actual, 1e-5);
    }

    private static double[] Log(double[] logits)
    {
        var sum = Math.Log(logits.Sum(Math.Exp));
        return [.. logits.Select(x => x - sum)];
    }

    private static Tensor Rows(double[][] rows) => Tensor.Of([.. rows.SelectMany(row => row).Select(x => (float)x)], rows.Length, rows[0].Length);
}
