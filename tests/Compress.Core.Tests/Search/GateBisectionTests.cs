using Compress.Evaluate;
using Compress.Plan;
using Compress.Policy;
using Compress.Search;

namespace Compress.Core.Tests.Search;

/// <summary>How far the gate lets a model shrink when there is no budget: as far as the interval of the drop says, not the luck of its value.</summary>
[TestClass]
public sealed class GateBisectionTests
{
    private const double FloatSize = 40_000;

    [TestMethod]
    [DataRow(0.0, 20.0, DisplayName = "an exact metric: the drop is 1 at a twentieth")]
    [DataRow(0.2, 12.2, DisplayName = "a margin of 0.392 leaves a drop of 0.608")]
    [DataRow(0.9, 20.0, DisplayName = "the widest model itself has no room for the margin: the value decides")]
    public void The_smallest_model_whose_interval_passes_is_found(double error, double factor)
    {
        using var evaluator = new DropsWithSize(error);
        var open = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Accuracy = new AccuracyPolicy { Location = new("compress.yaml"), MaxDrop = new(1, new("compress.yaml")) } });
        var context = open with { Evaluator = evaluator, FloatSize = (long)FloatSize };
        var start = context.Build(UniformPlan.Of(context, 8, 8)) with { Model = new byte[(int)FloatSize / 4] };

        var found = GateBisection.Smallest(context, start, limits => start with { Model = new byte[(int)limits[Resource.Size]] });

        // Five bisections between 4 and 40 leave a factor of 40 / 4 to the power of 1 / 32.
        Assert.IsTrue(FloatSize / found.Size <= factor + 0.01 && FloatSize / found.Size >= 0.93 * factor, $"{FloatSize / found.Size} of {factor}");
    }

    [TestMethod]
    public void Nothing_is_tried_when_it_was_enough()
    {
        using var evaluator = new DropsWithSize(0);
        var open = SmallSearch.Open(SmallSearch.Network(), policy => policy with { Accuracy = new AccuracyPolicy { Location = new("compress.yaml"), MaxDrop = new(1, new("compress.yaml")) } });
        var context = open with { Evaluator = evaluator, Enough = new CancellationToken(canceled: true) };
        var start = context.Build(UniformPlan.Of(context, 8, 8)) with { Model = new byte[10_000] };

        Assert.AreEqual(start.Size, GateBisection.Smallest(context, start, _ => throw new InvalidOperationException()).Size);
    }

    /// <summary>A twentieth of the float model's size is one point worse, with a line from there to none at all.</summary>
    private sealed class DropsWithSize(double error) : IEvaluator
    {
        public MetricValue MeasureFloat(CancellationToken cancellation) => new(93, 1000, 0);

        public MetricValue Measure(byte[] model, CancellationToken cancellation) => new(93 - (FloatSize / model.Length / 20), 1000, error);

        public void Dispose() { }
    }
}
