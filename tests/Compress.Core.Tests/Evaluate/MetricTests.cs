using Compress.Diagnostics;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Policy;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Statistics;

namespace Compress.Core.Tests.Evaluate;

/// <summary>Each metric equals a plain computation over all samples, in double.</summary>
[TestClass]
public sealed class MetricTests
{
    private const int Samples = 77, Classes = 9;
    private static readonly int Seed = Environment.TickCount;

    private readonly Random random = new(Seed);
    private float[] logits = [];
    private float[] reference = [];

    [TestInitialize]
    public void Draw()
    {
        Console.WriteLine($"seed {Seed}");
        logits = Models.Normal(random, Samples * Classes);
        // The "float model" is another affine map of the same logits.
        reference = [.. logits.Select((x, i) => x * Scale[i % Classes] + Shift[i % Classes])];
    }

    private static readonly float[] Scale = [.. Enumerable.Range(0, Classes).Select(i => 1 + 0.1f * i)];
    private static readonly float[] Shift = [.. Enumerable.Range(0, Classes).Select(i => 0.3f * (i % 3))];

    [TestMethod]
    [DataRow(MetricKind.Top1, 1)]
    [DataRow(MetricKind.Top5, 5)]
    public void Top_k_counts_labels_among_the_highest_k(MetricKind kind, int k)
    {
        var labels = Enumerable.Range(0, Samples).Select(_ => (long)random.Next(Classes)).ToArray();
        var right = Enumerable.Range(0, Samples).Count(i => Row(logits, i).Select((score, c) => (score, c)).OrderByDescending(x => x.score).Take(k).Any(x => x.c == labels[i]));

        var value = Measure(kind, Tensor.Of(labels, Samples));

        Assert.AreEqual(100.0 * right / Samples, value.Value, 1e-9);
        Assert.AreEqual(Samples, value.Samples);
        var p = right / (double)Samples;
        Assert.AreEqual(100 * Math.Sqrt(p * (1 - p) / (Samples - 1)), value.StandardError, 1e-9);
    }

    [TestMethod]
    public void Agreement_counts_equal_highest_classes()
    {
        var same = Enumerable.Range(0, Samples).Count(i => Best(Row(logits, i)) == Best(Row(reference, i)));
        Assert.AreEqual(100.0 * same / Samples, Measure(MetricKind.Agreement).Value, 1e-9);

        static int Best(float[] row) => Array.IndexOf(row, row.Max());
    }

    [TestMethod]
    public void Cosine_is_the_mean_over_samples_of_the_flattened_outputs()
    {
        var expected = Enumerable.Range(0, Samples).Average(i => Vector(logits, i).Normalize(2).DotProduct(Vector(reference, i).Normalize(2)));
        Assert.AreEqual(expected, Measure(MetricKind.Cosine).Value, 1e-6);
    }

    [TestMethod]
    public void Kl_is_the_divergence_of_the_softmax_from_the_float_models()
    {
        var expected = Enumerable.Range(0, Samples).Average(i =>
        {
            var (p, q) = (Softmax(Vector(reference, i)), Softmax(Vector(logits, i)));
            return p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum();
        });
        Assert.AreEqual(expected, Measure(MetricKind.Kl).Value, 1e-6);

        static Vector<double> Softmax(Vector<double> x) => x.PointwiseExp() / x.PointwiseExp().Sum();
    }

    [TestMethod]
    public void Classes_that_are_masked_out_have_no_share_in_kl()
    {
        var output = new SampleOutput([1, float.NegativeInfinity, 2], [1, 3]);

        Assert.AreEqual(0, Scores.Divergence(output, output));
        Assert.IsGreaterThan(0, Scores.Divergence(new SampleOutput([2, float.NegativeInfinity, 1], [1, 3]), output));
    }

    [TestMethod]
    public void Mse_without_a_target_compares_with_the_float_model()
    {
        var errors = Enumerable.Range(0, Samples).Select(i => (Vector(logits, i) - Vector(reference, i)).PointwisePower(2).Average()).ToArray();

        var value = Measure(MetricKind.Mse);

        Assert.AreEqual(errors.Average(), value.Value, 1e-6);
        Assert.AreEqual(errors.StandardDeviation() / Math.Sqrt(Samples), value.StandardError, 1e-6);
    }

    [TestMethod]
    public void Mse_and_psnr_compare_with_the_scaled_target_array_that_the_policy_names()
    {
        var target = Models.Normal(random, Samples * Classes, 255);
        var error = logits.Zip(target, (x, t) => Math.Pow(x - t / 255.0, 2)).Average();

        Assert.AreEqual(error, Measure(MetricKind.Mse, Tensor.Of(target, Samples, Classes), 1 / 255f).Value, 1e-5);
        Assert.AreEqual(10 * Math.Log10(1 / error), Measure(MetricKind.Psnr, Tensor.Of(target, Samples, Classes), 1 / 255f).Value, 1e-4);
    }

    [TestMethod]
    public void The_standard_error_of_psnr_is_that_of_repeated_draws()
    {
        var values = new List<MetricValue>();
        for (var draw = 0; draw < 200; draw++)
        {
            logits = Models.Normal(random, Samples * Classes, 0.1);
            values.Add(Measure(MetricKind.Psnr, Tensor.Of(new float[Samples * Classes], Samples, Classes)));
        }
        var observed = values.Select(value => value.Value).StandardDeviation();
        Assert.AreEqual(observed, values.Average(value => value.StandardError), 0.25 * observed);
    }

    [TestMethod]
    public void Iou_is_that_of_boxes_drawn_on_a_fine_grid()
    {
        float[] output = [2, 2, 2, 2, 5, 5, 4, 2, 1, 1, 2, 2];
        float[] boxes = [3, 2, 2, 2, 5, 5, 2, 4, 6, 6, 2, 2];
        var expected = Enumerable.Range(0, 3).Average(i => Painted(output.AsSpan(4 * i, 4), boxes.AsSpan(4 * i, 4)));

        var value = Measure(MetricKind.Iou, Tensor.Of(boxes, 3, 4), model: Models.Identity(-1, 4), input: Tensor.Of(output, 3, 4));

        Assert.AreEqual(expected, value.Value, 1e-9);

        static double Painted(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
        {
            int both = 0, any = 0;
            for (var x = 0.05; x < 10; x += 0.1)
                for (var y = 0.05; y < 10; y += 0.1)
                {
                    var (inA, inB) = (Inside(a, x, y), Inside(b, x, y));
                    if (inA && inB) both++;
                    if (inA || inB) any++;
                }
            return (double)both / any;
        }

        static bool Inside(ReadOnlySpan<float> box, double x, double y) => Math.Abs(x - box[0]) < box[2] / 2 && Math.Abs(y - box[1]) < box[3] / 2;
    }

    [TestMethod]
    public void Maps_of_classes_are_scored_at_every_pixel()
    {
        var pixels = Models.Normal(random, 2 * 3 * 4 * 5);
        var labels = Enumerable.Range(0, 2 * 4 * 5).Select(_ => (long)random.Next(3)).ToArray();
        var right = 0;
        for (var n = 0; n < 2; n++)
            for (var p = 0; p < 20; p++)
            {
                var scores = Enumerable.Range(0, 3).Select(c => pixels[(n * 3 + c) * 20 + p]).ToArray();
                if (Array.IndexOf(scores, scores.Max()) == labels[n * 20 + p]) right++;
            }

        var value = Measure(MetricKind.Top1, Tensor.Of(labels, 2, 4, 5), model: Models.Identity(-1, 3, 4, 5), input: Tensor.Of(pixels, 2, 3, 4, 5));

        Assert.AreEqual(100.0 * right / 40, value.Value, 1e-9);
    }

    [TestMethod]
    public void Outputs_that_are_not_numbers_are_never_right()
    {
        Array.Fill(logits, float.NaN);
        Assert.AreEqual(0, Measure(MetricKind.Top1, Tensor.Of(new long[Samples], Samples)).Value);
        Assert.IsTrue(double.IsNaN(Measure(MetricKind.Cosine).Value));
    }

    private MetricValue Measure(MetricKind kind, Tensor? labels = null, float targetScale = 1, byte[]? model = null, Tensor? input = null)
    {
        var policy = new AccuracyPolicy { Location = new SourceLocation("p.yaml", 1, 1), Metric = kind, Labels = labels is null ? null : "truth", TargetScale = targetScale };
        var data = new MemoryDataset(
            new Dictionary<string, Tensor> { ["x"] = input ?? Tensor.Of(logits, Samples, Classes) },
            labels is null ? null : new Dictionary<string, Tensor> { ["truth"] = labels });
        using var evaluator = Evaluator.For(policy, Models.Affine(Scale, Shift, -1, Classes), data, threads: 2)!;
        return evaluator.Measure(model ?? Models.Identity(-1, Classes));
    }

    private static float[] Row(float[] values, int i) => values[(i * Classes)..((i + 1) * Classes)];

    private static Vector<double> Vector(float[] values, int i) => MathNet.Numerics.LinearAlgebra.Vector<double>.Build.DenseOfEnumerable(Row(values, i).Select(x => (double)x));
}
