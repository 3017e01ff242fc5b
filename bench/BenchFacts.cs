using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;

namespace Compress.Bench;

/// <summary>What is known of a model before anything is decided, for benchmarks of single stages.</summary>
internal static class BenchFacts
{
    private const int CalibrationSamples = 512;

    /// <param name="withRanges">Whether activations are calibrated too.</param>
    public static ModelFacts Of(Assets assets, BenchModel bench, ModelPolicy policy, bool withRanges = false)
    {
        var source = OnnxReader.Read(assets.Model(bench.Name));
        var calibration = DatasetReader.Open(policy.Calibration!.Data, policy.Calibration.Preprocess, ModelInput.Of(source.Graph), []);
        var model = SeparateVectors.Apply(Folding.Apply(OpsetUpgrade.To(source, Math.Max(source.Opset, QuantizedGraph.Opset))).Item1);
        var shapes = ObservedShapes.Observe(model, calibration.Read(0, 1, 1).First().Inputs);
        var (layers, samples) = (Layers.Of(model), calibration.Read(0, CalibrationSamples, 64).ToList());
        return new ModelFacts(model, shapes, layers, samples)
        {
            Histograms = withRanges ? Calibration.Run(model, [.. Placement.Of(model, layers, shapes, _ => true).Possible], samples, Environment.ProcessorCount) : new Dictionary<string, Histogram>(),
            Groups = ChannelGroups.Find(model, shapes),
        };
    }
}
