namespace Compress.Bench;

/// <summary>A model of the benchmarks and how it is measured. The first calibration samples are used, without their labels.</summary>
/// <param name="Calibration">Data set that the compression sees.</param>
/// <param name="Test">Data sets that the figures are taken on: the first that there is.</param>
/// <param name="Preprocess">As in a policy.</param>
/// <param name="Measures">The first is the one of the table.</param>
/// <param name="Batches">Batch sizes that are timed.</param>
/// <param name="Samples">Calibration samples at most.</param>
internal sealed record BenchModel(string Name, string Calibration, string[] Test, string Preprocess, Measure[] Measures, int[] Batches, int Samples = 512)
{
    private const string Images = "{ scale: 1/255 }";
    private const string Fashion = "{ scale: 1/255, mean: [0.2860], std: [0.3530] }";
    private static readonly string[] FashionTest = ["fashion-mnist-test", "fashion-mnist-validation"];

    /// <summary>Data set for training, see <see cref="TrainingData"/>; where a model has none of its own, the calibration set.</summary>
    public string Train { get; init; } = Calibration;

    public static readonly IReadOnlyList<BenchModel> All =
    [
        Classifier("resnet20"),
        Classifier("resnet56"),
        Classifier("lenet5"),
        Classifier("mobilenetv2"),
        new("denoiser", "noisy-calibration", ["noisy-validation"], Images, [Measure.Psnr], [1, 32]),
        new("detector", "scenes-calibration", ["scenes-validation"], Images, [Measure.Iou], [1, 32]) { Train = "scenes-train" },
        new("pendulum", "pendulum-calibration", ["pendulum-validation"], "{ scale: 1 }", [Measure.Return], [1, 32]),
        new("text-detection", "text-pages-calibration", ["text-pages-validation"], "{ scale: 1/255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }", [Measure.Cosine], [1]),
        new("text-direction", "text-crops-calibration", ["text-crops-validation"], "{ scale: 1/255, mean: 0.5, std: 0.5 }", [Measure.Top1, Measure.Cosine], [1, 8]),
        new("sentence-embedding", "sentences-calibration", ["sentences-validation"], "{ scale: 1 }", [Measure.Cosine], [1, 32], Samples: 256),
        new("voice-activity", "speech-calibration", ["speech-validation"], "{ scale: 1 }", [Measure.Difference, Measure.MeanDifference], [1]),
    ];

    public static BenchModel Of(string name) => All.Single(model => model.Name == name);

    private static BenchModel Classifier(string name) => new(name, "fashion-mnist-calibration", FashionTest, Fashion, [Measure.Top1], [1, 32]) { Train = "fashion-mnist-train" };
}
