using Compress.Analysis;
using Compress.Core.Tests.Apply;
using Compress.Graph;
using Compress.Policy;
using Compress.Search;
using Compress.Testing;

namespace Compress.Core.Tests.Analysis;

/// <summary>Damage and statistics that are computed on parts of a model, against the whole model.</summary>
[TestClass]
public sealed class ProbesTests
{
    [TestMethod]
    public void Divergence_of_logits_and_relative_error_are_those_of_the_textbook()
    {
        var (a, b) = (Tensor.Of([1, 2, 3, 0, 0, 0], 2, 3), Tensor.Of([3, 2, 1, 1, 0, 0], 2, 3));

        var divergence = Enumerable.Range(0, 2).Average(row =>
        {
            var (p, q) = (Softmax(a.Floats()[(3 * row)..][..3]), Softmax(b.Floats()[(3 * row)..][..3]));
            return p.Zip(q, (x, y) => x * Math.Log(x / y)).Sum();
        });

        Assert.AreEqual(divergence, OutputDamage.Of(a, b, asDistribution: true), 1e-12);
        Assert.AreEqual(9.0 / 8, OutputDamage.Of(a, b, asDistribution: false), 1e-12);
        Assert.AreEqual(0, OutputDamage.Of(a, a, asDistribution: true), 1e-12);
    }

    /// <summary>A detector that picks its boxes gives as many as it finds.</summary>
    [TestMethod]
    public void Outputs_of_another_size_are_all_wrong_and_text_is_not_compared()
    {
        Assert.AreEqual(1, OutputDamage.Of(Tensor.Of([1, 2, 3, 4], 2, 2), Tensor.Of([1, 2], 1, 2), asDistribution: false));
        Assert.AreEqual(1, OutputDamage.Of(Tensor.Of([1, 2], 1, 2), Tensor.Of([1, 2, 3, 4], 2, 2), asDistribution: true));
        var text = new Tensor(Onnx.TensorProto.Types.DataType.String, [1], []);
        Assert.AreEqual(0, OutputDamage.Of(text, text, asDistribution: false));
    }

    /// <summary>A map's classes are its channels, wherever a pixel is; a constant added to one class of them moves the most probable one.</summary>
    [TestMethod]
    [DataRow(new long[] { 2, 3, 4, 5 }, 1, DisplayName = "map")]
    [DataRow(new long[] { 2, 4, 3 }, 2, DisplayName = "sequence")]
    public void Divergence_is_over_the_classes(long[] dims, int axis)
    {
        var builder = new ModelBuilder(5);
        var (a, b) = (builder.Random(1, dims), builder.Random(1, dims));
        var (classes, inner) = ((int)dims[axis], (int)Tensor.ElementCount(dims[(axis + 1)..]));
        float[] At(Tensor tensor, int position) => [.. Enumerable.Range(0, classes).Select(c => tensor.Floats()[(position / inner * classes * inner) + (c * inner) + (position % inner)])];
        var expected = Enumerable.Range(0, (int)a.Count / classes).Average(position => Softmax(At(a, position)).Zip(Softmax(At(b, position)), (x, y) => x * Math.Log(x / y)).Sum());

        Assert.AreEqual(expected, OutputDamage.Of(a, b, asDistribution: true), 1e-9);
    }

    [TestMethod]
    public void A_probe_ends_between_two_runs_when_it_is_told_to()
    {
        var (model, feed) = RandomGraphs.Make(1);
        var facts = Compressing.Facts(model, feed);
        using var cancellation = new CancellationTokenSource();
        var probe = new SuffixProbe(facts, facts.Samples, scores: null, threads: 1, cancellation.Token);
        var (value, asked) = (facts.Model.Graph.Inputs[0].Name, 0);

        Assert.ThrowsExactly<OperationCanceledException>(() => probe.Damage(value, 3, (_, batch) =>
        {
            asked++;
            cancellation.Cancel();
            return probe[batch, value];
        }));
        Assert.AreEqual(1, asked);
    }

    [TestMethod]
    public void A_probe_says_what_the_whole_changed_model_would()
    {
        for (var seed = 1; seed <= 25; seed++)
        {
            var (model, feed) = RandomGraphs.Make(seed);
            var facts = Compressing.Facts(model, feed);
            var probe = new SuffixProbe(facts, facts.Samples, scores: null, threads: 1);
            var values = facts.Model.Graph.Nodes.Select(node => node.Output).Where(value => facts.Shapes[value].Type == Onnx.TensorProto.Types.DataType.Float).ToList();
            var value = values[new Random(seed).Next(values.Count)];

            var damage = probe.Damage(value, 2, (variant, batch) => Scaled(probe[batch, value], 1 + (0.1f * variant)));

            Assert.AreEqual(0, damage[0], 1e-9, $"seed {seed}, {value}");
            var reference = Compressing.Run(facts.Model, feed);
            var changed = Compressing.Run(WithScaled(facts.Model, value, 1.1f), feed);
            var moved = reference.Keys.Where(output => DependsOn(facts.Model, output, value)).ToList();
            var expected = moved.Count == 0 ? 0 : moved.Average(output => OutputDamage.Of(reference[output], changed[output], asDistribution: false));
            Assert.AreEqual(expected, damage[1], 1e-3 * (1e-3 + expected), $"seed {seed}, {value}");
        }
    }

    /// <summary>A box or an embedding that moves as a whole has moved, though a softmax would not tell.</summary>
    [TestMethod]
    public void Scores_of_classes_are_the_output_that_the_metric_looks_at_and_no_other()
    {
        var builder = new ModelBuilder(seed: 7).Input("x", 3, 5).Dense(4, 5).Dense(4);
        var (inner, outer) = (builder.Graph.Nodes[0].Output, builder.Last);
        var facts = Compressing.Facts(builder.Output(inner, outer).Build(), builder.Feed());
        double Shifted(string value, string scores)
        {
            var probe = new SuffixProbe(facts, facts.Samples, scores, threads: 1);
            return probe.Damage(value, 1, (_, batch) => Tensor.Of([.. probe[batch, value].Floats().Select(number => number + 1)], probe[batch, value].Dims))[0];
        }

        Assert.AreEqual(0, Shifted(outer, scores: outer), 1e-6);
        Assert.IsGreaterThan(0.1, Shifted(outer, scores: inner));
        Assert.AreEqual(outer, Sensitivity.Scores(Policy(MetricKind.Top1, outer), facts.Model.Graph));
        Assert.AreEqual(inner, Sensitivity.Scores(Policy(MetricKind.Kl, null), facts.Model.Graph));
        Assert.IsNull(Sensitivity.Scores(Policy(MetricKind.Cosine, outer), facts.Model.Graph));
    }

    private static ModelPolicy Policy(MetricKind metric, string? output) => new() { Model = new("m.onnx", new("")), Accuracy = new() { Location = new(""), Metric = metric, Output = output } };

    [TestMethod]
    public void Statistics_of_a_layer_are_those_of_its_rows()
    {
        var builder = new ModelBuilder(seed: 6).Input("x", 3, 5).Dense(4, 5).Relu().Dense(2, 4);
        var feed = builder.Feed();
        var facts = Compressing.Facts(builder.Build(), feed, builder.Feed());
        var moments = LayerStatistics.Collect(facts, facts.Layers, threads: 1);

        var rows = facts.Samples.SelectMany(batch => batch.Inputs["x"].Floats().Chunk(5)).ToList();
        for (var i = 0; i < 5; i++)
            for (var j = 0; j < 5; j++)
                Assert.AreEqual(rows.Average(r => (double)r[i] * r[j]) - (rows.Average(r => (double)r[i]) * rows.Average(r => (double)r[j])), moments[facts.Layers[0].Name].Covariance[(i * 5) + j], 1e-5);
        foreach (var layer in facts.Layers)
            for (var t = 0; t < moments[layer.Name].Targets; t++)
            {
                var matrix = WeightMatrix.Of(layer, facts.Model.Graph.Constants[layer.Weight]);
                var own = matrix.Values.AsSpan(t * matrix.Columns, matrix.Columns).ToArray().Select(value => (double)value).ToArray();
                Assert.AreEqual(0, moments[layer.Name].Error(own, t), 1e-5, "a layer's own weights leave no error");
            }
    }

    private static double[] Softmax(float[] logits) => [.. logits.Select(x => Math.Exp(x) / logits.Sum(y => Math.Exp(y)))];

    private static Tensor Scaled(Tensor tensor, float factor) => Tensor.Of([.. tensor.Floats().Select(x => x * factor)], tensor.Dims);

    private static OnnxModel WithScaled(OnnxModel model, string value, float factor)
    {
        var copy = model.Clone();
        var at = copy.Graph.Nodes.FindIndex(node => node.Outputs.Contains(value));
        var outputs = copy.Graph.Nodes[at].Outputs;
        outputs[outputs.IndexOf(value)] = value + "_before";
        copy.Graph.Constants["factor"] = Tensor.Scalar(factor);
        copy.Graph.Nodes.Insert(at + 1, new Node("Mul", [value + "_before", "factor"], [value]));
        return copy;
    }

    private static bool DependsOn(OnnxModel model, string output, string value)
    {
        if (output == value) return true;
        var producer = model.Graph.Nodes.FirstOrDefault(node => node.Outputs.Contains(output));
        return producer is not null && producer.Inputs.Where(input => input.Length > 0).Any(input => DependsOn(model, input, value));
    }
}
