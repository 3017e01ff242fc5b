using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>The systems that a policy can name.</summary>
public enum Method { Auto, Layerwise, PicPq, Ajpq, AjpqDdpg, Qap, Fit, Djpq }

/// <summary>Execution providers of ONNX Runtime.</summary>
public enum Provider { Cpu, Cuda, TensorRT, DirectML, OpenVino, CoreML, Xnnpack }

/// <summary>What the result must run on (see README, "Targets").</summary>
public enum Target { OnnxRuntime, OnnxRuntimePlain, WeightOnly, Qonnx }

/// <summary>All that is asked for one model. Paths are absolute.</summary>
public sealed record ModelPolicy
{
    /// <summary>The model file; the location is the policy's line, where errors about this model point.</summary>
    public required At<string> Model { get; init; }

    public At<Method> Method { get; init; } = new(Policy.Method.Auto, new(""));

    public Target Target { get; init; } = Target.OnnxRuntime;

    public CalibrationPolicy? Calibration { get; init; }

    public AccuracyPolicy? Accuracy { get; init; }

    public BudgetPolicy? Budget { get; init; }

    public QuantizePolicy Quantize { get; init; } = new();

    public PrunePolicy Prune { get; init; } = new();

    public PicPqPolicy PicPq { get; init; } = new();

    /// <summary>Null: as published.</summary>
    public QapPolicy? Qap { get; init; }

    /// <summary>First match wins.</summary>
    public IReadOnlyList<LayerRule> Layers { get; init; } = [];

    /// <summary>Path in the application's output; null: the same as the input's.</summary>
    public string? Output { get; init; }

    /// <summary>Passes over the calibration samples of a reconstruction, 0 for none; null: the tool decides.</summary>
    public int? Reconstruct { get; init; }

    public TrainPolicy? Train { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>The execution provider that models are run on.</summary>
    public Provider Provider { get; init; }

    /// <summary>Native ONNX Runtime library that the gate runs on; null: the tool's own.</summary>
    public At<string>? Runtime { get; init; }

    /// <summary>Build configurations in which the model is compressed; empty: all.</summary>
    public IReadOnlyList<string> When { get; init; } = [];

    /// <summary>The errors of the files that it names and that are not there.</summary>
    internal IReadOnlyList<Diagnostic> Missing { get; init; } = [];

    internal Diagnostic? MissingModel => Missing.FirstOrDefault(file => file.Location == Model.Location);

    /// <summary>Where every key was written, by its dotted name: "accuracy.labels", "layers[0].weights".</summary>
    internal IReadOnlyDictionary<string, SourceLocation> Locations { get; init; } = new Dictionary<string, SourceLocation>();

    /// <summary>The place of a key, or of the nearest section around it that the file has, or of the model.</summary>
    public SourceLocation Where(string key)
    {
        while (key.Length > 0)
        {
            if (Locations.TryGetValue(key, out var location)) return location;
            key = key[..Math.Max(0, key.LastIndexOfAny(['.', '[']))];
        }

        return Model.Location;
    }

    /// <summary>The data that it names.</summary>
    public IEnumerable<DataSource> Data() => new[] { Calibration?.Data, Accuracy?.Data, Train?.Data }.OfType<DataSource>();

    /// <summary>The files and folders that it names, whether they are there or not.</summary>
    public IEnumerable<string> Files() => [Model.Value, .. Data().SelectMany(data => data.Places()), .. new[] { Runtime?.Value, Train?.Store }.OfType<string>()];

    /// <summary>Whether the model is compressed in this build configuration; null: in any. As in MSBuild, case does not matter.</summary>
    public bool AppliesTo(string? configuration) =>
        configuration is null || When.Count == 0 || When.Contains(configuration, StringComparer.OrdinalIgnoreCase);

    /// <summary>Of the files that the policy names there must be the model, and where it is compressed all the others.</summary>
    /// <exception cref="CompressionException">CMP1020, CMP1021: the first that is missing.</exception>
    public void CheckFiles(string? configuration)
    {
        if (MissingModel is { } model) throw model.Error();
        if (Missing.Count > 0 && AppliesTo(configuration)) throw Missing[0].Error();
    }
}
