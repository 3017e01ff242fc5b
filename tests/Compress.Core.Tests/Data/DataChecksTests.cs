using Compress.Core.Tests.Emit;
using Compress.Core.Tests.Evaluate;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Core.Tests.Data;

[TestClass]
public sealed class DataChecksTests
{
    private static readonly SourceLocation Calibration = new("compress.yaml", 5, 13), Validation = new("compress.yaml", 9, 13);

    [TestMethod]
    public void Real_pictures_preprocessed_as_in_training_give_no_warning()
    {
        var steps = new Preprocess { Scale = 1 / 255f, Mean = [0.2860f], Std = [0.3530f] };
        IDataset Open(string name) => Datasets.Open(Datasets.Asset(name), [Datasets.Float("input", -1, 1, 28, 28)], steps);

        CollectionAssert.AreEqual(Array.Empty<string>(), Warnings(Open("fashion-mnist-calibration.npz"), Open("fashion-mnist-validation.npz")));
    }

    [TestMethod]
    public void Raw_pixels_are_noticed()
    {
        var raw = Datasets.Open(Datasets.Asset("fashion-mnist-calibration.npz"), [Datasets.Float("input", -1, 1, 28, 28)]);

        var warning = All(raw).Single();

        Assert.AreEqual(("CMP3103", Severity.Warning, Calibration), (warning.Code, warning.Severity, warning.Location));
        StringAssert.Contains(warning.Message, "go from 0 to 255, mean 72");
        StringAssert.Contains(warning.Message, "preprocess.scale");
    }

    [TestMethod]
    [DataRow(1 / 65025f, 0f, "scaled twice")]
    [DataRow(1 / 255f, 73f, "unit of the scaled values")]
    [DataRow(1f, 73f, "those of the training")]
    public void Other_scales_that_training_never_uses_are_noticed(float scale, float mean, string guess)
    {
        var data = Datasets.Open(Datasets.Asset("fashion-mnist-calibration.npz"), [Datasets.Float("input", -1, 1, 28, 28)], new Preprocess { Scale = scale, Mean = [mean] });

        StringAssert.Contains(All(data).Single().Message, guess);
    }

    [TestMethod]
    public void Few_samples_are_noticed() => CollectionAssert.AreEqual(new[] { "CMP3101" }, Warnings(Noise(1, 63)));

    [TestMethod]
    public void Only_the_samples_that_are_used_count() => CollectionAssert.AreEqual(new[] { "CMP3101" }, Warnings(Noise(1, 200), samples: 50));

    [TestMethod]
    public void Blank_samples_are_noticed() => CollectionAssert.AreEqual(new[] { "CMP3102" }, Warnings(Set((n, i) => n % 5 == 0 ? 0.5f : MathF.Sin(17 * n + i))));

    [TestMethod]
    public void Repeated_samples_are_noticed() => CollectionAssert.AreEqual(new[] { "CMP3102" }, Warnings(Set((n, i) => MathF.Sin(17 * (n % 40) + i))));

    [TestMethod]
    public void Samples_in_both_sets_are_noticed()
    {
        var both = Warnings(Set((n, i) => MathF.Sin(17 * n + i)), Set((n, i) => MathF.Sin(17 * (n + 90) + i)));

        CollectionAssert.AreEqual(new[] { "CMP3104" }, both);
    }

    [TestMethod]
    public void Values_that_are_not_finite_are_noticed_in_either_set()
    {
        var broken = Set((n, i) => n == 7 && i == 3 ? float.NaN : MathF.Sin(17 * n + i));
        var fine = Set((n, i) => MathF.Sin(17 * n + i + 0.5f));

        CollectionAssert.AreEqual(new[] { "CMP3106" }, Warnings(broken, fine));
        CollectionAssert.AreEqual(new[] { "CMP3106" }, Warnings(fine, broken));
    }

    [TestMethod]
    public void Sets_preprocessed_in_two_ways_are_noticed() =>
        CollectionAssert.AreEqual(new[] { "CMP3107" }, Warnings(Set((n, i) => MathF.Sin(17 * n + i)), Set((n, i) => 8 * MathF.Sin(17 * n + i + 0.5f))));

    [TestMethod]
    public void Samples_that_do_not_fill_a_fixed_batch_are_noticed()
    {
        using var folder = new TemporaryFolder();
        var noise = Tensor.Of([.. Enumerable.Range(0, 130 * 20).Select(i => MathF.Sin(i * i))], 130, 20);

        var warning = All(folder.Npz([("x", noise)], [Datasets.Float("x", 32, 20)])).Single();

        Assert.AreEqual("CMP3105", warning.Code);
        StringAssert.StartsWith(warning.Message, "The last 2 samples are not used: the model takes exactly 32 at once.");
    }

    private static MemoryDataset Noise(int seed, int samples)
    {
        var random = new Random(seed);
        return new(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([.. Enumerable.Range(0, samples * 20).Select(_ => random.NextSingle())], samples, 20) });
    }

    /// <summary>100 samples of 20 values.</summary>
    private static MemoryDataset Set(Func<int, int, float> value) =>
        new(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([.. Enumerable.Range(0, 2000).Select(i => value(i / 20, i % 20))], 100, 20) });

    private static string[] Warnings(IDataset calibration, IDataset? validation = null, int samples = 512) => [.. All(calibration, validation, samples).Select(warning => warning.Code)];

    private static List<Diagnostic> All(IDataset calibration, IDataset? validation = null, int samples = 512)
    {
        var reporter = new Collector();
        DataChecks.Warn(new(calibration, samples, Calibration), validation is null ? null : new(validation, int.MaxValue, Validation), reporter);
        return reporter.Diagnostics;
    }

    private sealed class Collector : IReporter
    {
        public List<Diagnostic> Diagnostics { get; } = [];

        public void Report(Diagnostic diagnostic) => Diagnostics.Add(diagnostic);

        public void Stage(string text) { }

        public void Progress(double fraction) { }
    }
}
