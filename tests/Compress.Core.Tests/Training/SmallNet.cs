using Compress.Analysis;
using Compress.Apply;
using Compress.Core.Tests.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Testing;

namespace Compress.Core.Tests.Training;

/// <summary>A net with a residual block that trains in a second.</summary>
internal static class SmallNet
{
    /// <param name="batches">Of 32 calibration samples each.</param>
    public static ModelFacts Facts(int batches)
    {
        var builder = new ModelBuilder(2).Input("x", -1, 2, 6, 6).Conv(8, 3).Relu();
        var shortcut = builder.Last;
        builder.Conv(8, 3).Relu().Conv(8, 3).Add(builder.Last, shortcut).Relu().Conv(4, 3, stride: 2).Flatten().Dense(4, 36);
        return Compressing.Facts(builder.Build(), [.. Enumerable.Range(0, batches).Select(i => Feed(32, 10 + i))]);
    }

    public static (ModelFacts Facts, CompressionPlan Plan) ThreeBits()
    {
        var facts = Facts(batches: 4);
        return (facts, Compressing.Uniform(facts, weights: 3, activations: 5));
    }

    public static Dictionary<string, Tensor> Feed(int samples, int seed) => new() { ["x"] = new ModelBuilder(seed).Random(1, samples, 2, 6, 6) };

    /// <summary>Squared error of the written model on samples that nothing has seen.</summary>
    public static double Error(ModelFacts facts, PreparedPlan prepared)
    {
        var feed = Feed(64, 1234);
        return Math.Pow(Compressing.RelativeError(Compressing.Run(facts.Model, feed), Compressing.Run(PlanApplier.Write(prepared, false).Model, feed)), 2);
    }
}
