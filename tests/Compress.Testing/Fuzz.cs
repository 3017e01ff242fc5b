using System.Collections.Immutable;
using System.Globalization;
using Compress.Analysis;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search;

namespace Compress.Testing;

/// <summary>
/// One random graph through the whole path: a model, data and a policy in files; read, calibrated, a random plan of bits and cuts carried out, written, read
/// again, loaded by ONNX Runtime, held against the gate. What comes out is judged here anew, with nothing of the product but its runtime.
/// </summary>
public static class Fuzz
{
    private const int Samples = 10;

    private static readonly int[] WeightBits = [1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 32];
    private static readonly int[] ActivationBits = [4, 5, 6, 7, 8, 8, 8, 16];

    /// <summary>Null when all is well, else what went wrong.</summary>
    /// <param name="folder">Where the files go; it is emptied.</param>
    /// <param name="whole">Through the product's own flow with its own search, instead of a random plan.</param>
    public static string? Run(int seed, string folder, bool whole = false)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
            return Attempt(seed, new Random(seed), folder, whole);
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} {string.Join(" < ", e.StackTrace?.Split('\n').Where(line => line.Contains("Compress.", StringComparison.Ordinal)).Take(3).Select(line => line.Trim()) ?? [])}";
        }
    }

    private static string? Attempt(int seed, Random random, string folder, bool whole)
    {
        string At(string file) => Path.Combine(folder, file);
        var (model, feed) = RandomGraphs.Make(seed, wide: true);
        File.WriteAllBytes(At("net.onnx"), Dressed(model, random, At("net.onnx")));
        var validation = Write(At("validation.npz"), feed, random, Samples);
        Write(At("calibration.npz"), feed, random, Samples);
        File.WriteAllText(At("compress.yaml"), Policy(random, whole, hasLayers: Layers.Of(model).Count > 0));
        var policy = PolicyReader.Read(At("compress.yaml")).Models[0];
        var request = new CompressionRequest { Policy = policy, Output = At("out.onnx"), WorkFolder = At("missed"), Threads = 1, Reporter = new Heard() };
        if (whole)
        {
            var result = Compressor.Run(request);
            if (((Heard)request.Reporter).Codes.Contains("CMP5022")) return "CMP5022: the runtime refused what was written";
            return Judge(policy, At("net.onnx"), result.Output, validation, result.Report.Metric!.Passed);
        }
        var inputs = CompressionInputs.Read(request, default);
        using var opened = OpenedModel.Open(request, inputs, new OutcomeCache(request, inputs.Fingerprints), default);
        var candidate = opened.Search.Build(RandomPlan(opened.Search, random));
        AtomicFile.Write(request.Output, candidate.Model);
        return Judge(policy, At("net.onnx"), request.Output, validation, opened.Search.Measure(candidate).Passes);
    }

    /// <summary>The model's bytes in one of the forms that files have: weights as initializers, as Constant nodes, or beside the model.</summary>
    private static byte[] Dressed(OnnxModel model, Random random, string path)
    {
        switch (random.Next(4))
        {
            case 0:
                var proto = OnnxWriter.ToProto(model);
                foreach (var constant in proto.Graph.Initializer.Reverse())
                {
                    var node = new Onnx.NodeProto { OpType = "Constant" };
                    node.Output.Add(constant.Name);
                    node.Attribute.Add(new Onnx.AttributeProto { Name = "value", Type = Onnx.AttributeProto.Types.AttributeType.Tensor, T = constant });
                    proto.Graph.Node.Insert(0, node);
                }
                proto.Graph.Initializer.Clear();
                return Google.Protobuf.MessageExtensions.ToByteArray(proto);
            case 1:
                OnnxWriter.Write(model, path, external: true);
                return File.ReadAllBytes(path);
            default:
                return OnnxWriter.ToBytes(model);
        }
    }

    /// <summary>Feeds like the given one, each a row of the arrays.</summary>
    private static List<IReadOnlyDictionary<string, Tensor>> Write(string path, IReadOnlyDictionary<string, Tensor> like, Random random, int count)
    {
        var noise = new ModelBuilder(random.Next());
        var feeds = Enumerable.Range(0, count).Select(_ => (IReadOnlyDictionary<string, Tensor>)like.ToDictionary(
            input => input.Key,
            input => input.Value.IsFloat ? noise.Random(1, input.Value.Dims) : Tensor.Of([.. Enumerable.Range(0, (int)input.Value.Count).Select(_ => (long)random.Next(20))], input.Value.Dims))).ToList();
        NpzWriter.Write(path, deflated: false, [.. like.Select(input => (input.Key, new Tensor(input.Value.Type, [count, .. input.Value.Dims], [.. feeds.SelectMany(feed => feed[input.Key].Raw.ToArray())])))]);
        return feeds;
    }

    private static string Policy(Random random, bool whole, bool hasLayers)
    {
        T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];
        var cosine = random.Next(3) > 0;
        var bound = cosine ? Pick(0.5, 0.9, 0.99, 0.999, 0.99999) : Pick(1, 0.1, 1e-2, 1e-4, 0);
        var lines = new List<string>
        {
            "version: 1", "models:", "  - model: net.onnx",
            $"calibration: {{ data: calibration.npz, range: {Pick("auto", "min-max", "percentile", "entropy", "mse")} }}",
            $"accuracy: {{ data: validation.npz, metric: {(cosine ? "cosine" : "mse")}, min: {bound.ToString(CultureInfo.InvariantCulture)} }}",
            $"target: {Pick("onnxruntime", "onnxruntime", "onnxruntime", "onnxruntime-plain", "weight-only")}",
        };
        // A rule that fits nothing is an error, as it should be.
        if (random.Next(4) == 0 && hasLayers) lines.Add("layers: [{ position: last, keep: float }]");
        if (whole)
        {
            lines.Add(Pick("prune: none", "prune: auto", "prune: { ratio: 0.25 }", "budget: { size: 2x }"));
            if (!lines[^2].StartsWith("layers", StringComparison.Ordinal) && random.Next(2) == 0) lines.Add(Pick("quantize: { weights: 8 }", "quantize: { weights: [2, 4, 8] }", "quantize: none"));
        }
        else lines.Add($"quantize: {{ rounding: {Pick("auto", "nearest", "max", "gptq", "adaround", "nested")}, allow-overflow: {Pick("true", "false")} }}");
        return string.Join("\n    ", lines).Replace("\n    models:\n      - ", "\nmodels:\n  - ", StringComparison.Ordinal) + "\n";
    }

    private static CompressionPlan RandomPlan(SearchContext search, Random random)
    {
        if (random.Next(3) > 0) search = search with { Cuts = [.. Cuts(search, random)] };
        var plan = UniformPlan.Of(search, 8, 8);
        var layers = plan.Layers.ToImmutableSortedDictionary(layer => layer.Key, layer => layer.Value.IsCompressed ? layer.Value with { Bits = WeightBits[random.Next(WeightBits.Length)] } : layer.Value, StringComparer.Ordinal);
        // Float weights and integer arithmetic exclude each other.
        layers = layers.ToImmutableSortedDictionary(layer => layer.Key, layer => layer.Value.IsCompressed && random.Next(6) > 0 ? layer.Value : layer.Value with { Arithmetic = Arithmetic.Float }, StringComparer.Ordinal);
        return plan with { Layers = layers, ActivationBits = plan.ActivationBits.ToImmutableSortedDictionary(value => value.Key, _ => ActivationBits[random.Next(ActivationBits.Length)], StringComparer.Ordinal) };
    }

    private static IEnumerable<ChannelCut> Cuts(SearchContext search, Random random)
    {
        foreach (var group in Prunable.Groups(search).Where(_ => random.Next(3) > 0))
        {
            int[] order = [.. Enumerable.Range(0, group.Channels)];
            random.Shuffle(order);
            yield return new ChannelCut(group.Id, [.. order.Take(random.Next(1, group.Channels + 1)).Order()]);
        }
    }

    private static string? Judge(ModelPolicy policy, string original, string result, IReadOnlyList<IReadOnlyDictionary<string, Tensor>> feeds, bool passed)
    {
        var written = OnnxReader.Read(result);
        var source = OnnxReader.Read(original);
        if (!written.Graph.Inputs.SequenceEqual(source.Graph.Inputs)) return "the inputs are not those of the model";
        if (!written.Graph.Outputs.Select(output => output.Name).SequenceEqual(source.Graph.Outputs.Select(output => output.Name))) return "the outputs are not those of the model";
        using var exact = new Session(source, new SessionSettings());
        using var session = new Session(File.ReadAllBytes(result), new SessionSettings());
        var scores = new List<double>();
        foreach (var feed in feeds)
        {
            var (expected, actual) = (exact.Run(feed), session.Run(feed));
            foreach (var (name, tensor) in expected)
            {
                if (!actual[name].Dims.SequenceEqual(tensor.Dims) || actual[name].Type != tensor.Type) return $"output {name} has another shape or type";
                if (tensor.Floats().All(float.IsFinite) && !actual[name].Floats().All(float.IsFinite)) return $"output {name} is not finite";
            }
            var first = exact.Outputs[0];
            scores.Add(policy.Accuracy!.Metric == MetricKind.Cosine ? Cosine(expected[first].Doubles(), actual[first].Doubles()) : expected[first].Doubles().Zip(actual[first].Doubles(), (a, b) => (a - b) * (a - b)).Average());
        }
        var (value, bound) = (scores.Average(), policy.Accuracy!.Min!.Value);
        var expectedVerdict = policy.Accuracy.Metric == MetricKind.Cosine ? value >= bound : value <= bound;
        var close = Math.Abs(value - bound) < 1e-6 + (1e-4 * Math.Abs(bound));
        return expectedVerdict == passed || close ? null : $"the gate says {(passed ? "passed" : "missed")} at {value:0.#######} with the bound {bound}";
    }

    private static double Cosine(double[] a, double[] b)
    {
        var (aa, bb, ab) = (a.Sum(v => v * v), b.Sum(v => v * v), a.Zip(b, (x, y) => x * y).Sum());
        return aa == 0 && bb == 0 ? 1 : aa == 0 || bb == 0 ? 0 : ab / Math.Sqrt(aa * bb);
    }

    private sealed class Heard : IReporter
    {
        public List<string> Codes { get; } = [];

        public void Report(Diagnostic diagnostic) => Codes.Add(diagnostic.Code);

        public void Stage(string text) { }

        public void Progress(double fraction) { }
    }
}
