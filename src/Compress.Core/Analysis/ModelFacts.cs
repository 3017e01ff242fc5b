using Compress.Data;
using Compress.Graph;

namespace Compress.Analysis;

/// <summary>All that is known of a model before anything is decided. Read-only.</summary>
/// <param name="Model">The float model, folded: what every stage after this one works on.</param>
/// <param name="Shapes">Type and dimensions of every value, on the first calibration sample.</param>
/// <param name="Layers">In graph order.</param>
/// <param name="Samples">The calibration samples that the walk runs on, in batches.</param>
public sealed record ModelFacts(OnnxModel Model, IReadOnlyDictionary<string, ValueFacts> Shapes, IReadOnlyList<Layer> Layers, IReadOnlyList<Batch> Samples)
{
    /// <summary>Histogram of every value that may be quantized; empty without calibration data.</summary>
    public required IReadOnlyDictionary<string, Histogram> Histograms { get; init; }

    /// <summary>Which channels live and die together.</summary>
    public required ChannelGroupSet Groups { get; init; }

    /// <summary>Constants that can only be stored in fewer bits, in a fixed order.</summary>
    public IReadOnlyList<Table> Tables { get; init; } = [];

    /// <summary>Type and dimensions of every value for two samples in one run: what has two rows has one a sample. Null where that was not observed.</summary>
    public IReadOnlyDictionary<string, ValueFacts>? Pair { get; init; }

    /// <summary>The feed that the shapes were observed on; null: the first of the samples, which are not cut to their length then.</summary>
    public IReadOnlyDictionary<string, Tensor>? Sample { get; init; }

    public bool HasSamples => Samples.Count > 0;

    /// <summary>What a model tells by itself: no samples, no histograms.</summary>
    /// <param name="sample">A feed of one sample.</param>
    public static ModelFacts Of(OnnxModel model, IReadOnlyDictionary<string, Tensor> sample)
    {
        var (layers, shapes) = (Analysis.Layers.Of(model), ObservedShapes.Observe(model, sample));
        return new ModelFacts(model, shapes, layers, []) { Histograms = new Dictionary<string, Histogram>(), Groups = ChannelGroups.Find(model, shapes), Tables = Analysis.Tables.Of(model, layers), Sample = sample };
    }
}
