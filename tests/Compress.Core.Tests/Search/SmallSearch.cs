using Compress.Analysis;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;
using Compress.Search;
using Compress.Testing;

namespace Compress.Core.Tests.Search;

/// <summary>A search over a small residual network with random weights, opened by hand.</summary>
internal static class SmallSearch
{
    public static OnnxModel Network(int seed = 5)
    {
        var builder = new ModelBuilder(seed).Input("x", -1, 3, 8, 8).Conv(12, 3).Relu();
        var shortcut = builder.Last;
        return builder.Conv(16, 3).Relu().Conv(12, 3).Add(builder.Last, shortcut).Relu().Conv(8, 3).Relu().GlobalPool().Flatten().Dense(4).Build();
    }

    public static SearchContext Open(OnnxModel model, Func<ModelPolicy, ModelPolicy>? policy = null, LayerRule? firstLayer = null, int batches = 5)
    {
        var random = new ModelBuilder(seed: 9);
        var samples = Enumerable.Range(0, batches).Select(_ => new Batch(new Dictionary<string, Tensor> { ["x"] = random.Random(1, 8, 3, 8, 8) }, new Dictionary<string, Tensor>(), 8)).ToList();
        var layers = Layers.Of(model);
        var shapes = ObservedShapes.Observe(model, new Dictionary<string, Tensor> { ["x"] = random.Random(1, 1, 3, 8, 8) });
        var values = Compress.Plan.Placement.Of(model, layers, shapes, _ => true).Possible.ToList();
        var histograms = Calibration.Run(model, values, samples, 1);
        var own = new ModelPolicy { Model = new At<string>("small.onnx", new SourceLocation("compress.yaml")) };
        return new SearchContext
        {
            Facts = new ModelFacts(model, shapes, layers, samples) { Histograms = histograms, Groups = ChannelGroups.Find(model, shapes) },
            Policy = policy?.Invoke(own) ?? own,
            Rules = [firstLayer, .. layers.Skip(1).Select(_ => (LayerRule?)null)],
            FloatSize = OnnxWriter.ToBytes(model).Length,
            LayerShapes = Costs.Layers(model, shapes),
        };
    }
}
