using Compress.Core.Tests.Emit;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Graph;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests;

/// <summary>A small model with samples and a policy in a folder of its own, compressed as the tool does it.</summary>
internal sealed class SmallJob : IDisposable
{
    /// <summary>Lines of a model's entry.</summary>
    public const string Bits = "quantize: { weights: 8, activations: 8 }", Gate = "accuracy: { data: validation.npy, metric: cosine, min: 0.9 }", Samples = "calibration: { data: samples.npy }";

    private readonly TemporaryFolder folder = new();

    public SmallJob(params string[] entry)
    {
        TinyModel.Write(folder.Path);
        SetPolicy(entry);
    }

    /// <summary>What the last run said.</summary>
    public Heard Heard { get; private set; } = new();

    public string Model => this["net.onnx"];

    public string Output => this["out/net.onnx"];

    public string LockFile => this[Compress.Emit.LockFile.Name];

    public string this[string name] => folder[name];

    public SmallJob SetModel(OnnxModel model)
    {
        File.WriteAllBytes(Model, OnnxWriter.ToBytes(model));
        return this;
    }

    /// <summary>The policy's entry: the first line (version) to line 3 (model) are given.</summary>
    public SmallJob SetPolicy(params string[] entry)
    {
        folder.Write("compress.yaml", string.Join("\n    ", ["version: 1\nmodels:\n  - model: net.onnx", .. entry]) + "\n");
        return this;
    }

    public CompressionResult Run(bool locked = false, bool cached = false, int threads = 2, CancellationToken cancellation = default, Action<string>? onStage = null)
    {
        Heard = new Heard { OnStage = onStage };
        return Compressor.Run(Request() with { Locked = locked, CacheFolder = cached ? this["cache"] : null, Threads = threads }, cancellation);
    }

    /// <summary>The front over these budgets.</summary>
    public Front Front(FrontCost by, params double[] factors)
    {
        Heard = new Heard();
        return FrontSearch.Run(Request(), by, factors);
    }

    public CompressionRequest Request() => new()
    {
        Policy = PolicyReader.Read(this["compress.yaml"]).Models[0],
        PolicyFile = this["compress.yaml"],
        Output = Output,
        Report = this["out/net.report.json"],
        WorkFolder = this["missed"],
        LockFile = LockFile,
        Threads = 2,
        Reporter = Heard,
    };

    /// <summary>The error that a run ends with.</summary>
    public Diagnostic Fails(bool locked = false) => Assert.ThrowsExactly<CompressionException>(() => Run(locked)).Diagnostic;

    public byte[] Bytes(string name) => File.ReadAllBytes(this[name]);

    /// <summary>Files by their path in the folder, but for those that were there from the start.</summary>
    public IReadOnlyList<string> Made() =>
        [.. Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder.Path, file).Replace('\\', '/'))
            .Except(["net.onnx", "samples.npy", "validation.npy", "compress.yaml"]).Where(file => !file.StartsWith("cache/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public Report Report(string name = "out/net.report.json") => ReportJson.Read(File.ReadAllText(this[name]));

    public void Dispose() => folder.Dispose();
}

/// <summary>Remembers what a run tells.</summary>
internal sealed class Heard : IReporter
{
    public List<Diagnostic> Diagnostics { get; } = [];

    public List<string> Stages { get; } = [];

    public Action<string>? OnStage { get; init; }

    public string Codes => string.Join(' ', Diagnostics.Select(diagnostic => diagnostic.Code));

    public void Report(Diagnostic diagnostic) => Diagnostics.Add(diagnostic);

    public void Stage(string text)
    {
        Stages.Add(text);
        OnStage?.Invoke(text);
    }

    public void Progress(double fraction) { }
}
