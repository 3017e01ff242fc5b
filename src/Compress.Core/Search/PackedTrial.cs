using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Runtime;

namespace Compress.Search;

/// <summary>
/// Whether weights that stay packed as the model runs (see <see cref="PackedProduct"/>) cost no time, by stopwatch on the first sample: few rows are multiplied
/// faster so, many may not be. Asked only where the policy wants it, since it takes a newer ONNX Runtime.
/// </summary>
internal static class PackedTrial
{
    /// <summary>The context with the answer.</summary>
    public static SearchContext Decided(SearchContext context)
    {
        if (!context.Policy.Quantize.KeepPacked) return context;
        var bits = context.Policy.Quantize.Weights.DefaultIfEmpty(8).Max();
        OnnxModel Sketch(bool packed) => Lean.Apply(PlanApplier.Sketch(context.Facts, UniformPlan.Of(context with { KeepsPacked = packed }, bits, 32)).Model);
        var models = new[] { Sketch(packed: false), Sketch(packed: true) };
        if (models[1].Graph.Nodes.All(node => node.Op != PackedProduct.Operator)) return context;
        var feed = context.Facts.HasSamples ? context.FirstSample : BlankFeed.For(context.Facts.Model);
        using var unpacked = new Session(models[0], new SessionSettings());
        using var packed = new Session(models[1], new SessionSettings());
        var times = Timing.Interleaved([() => unpacked.Run(feed), () => packed.Run(feed)], new TimingSettings(), context.Cancellation).Select(times => Timing.Summary(times).Minimum).ToArray();
        context.Reporter.Stage($"weights that stay packed: {times[1]:0.###} ms, unpacked when the model is loaded: {times[0]:0.###} ms");
        return context with { KeepsPacked = times[1] <= times[0] };
    }
}
