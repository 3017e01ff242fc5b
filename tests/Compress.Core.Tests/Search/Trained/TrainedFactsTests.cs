using Compress.Apply;
using Compress.Core.Tests.Apply;
using Compress.Core.Tests.Evaluate;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Search.Trained;
using Compress.Testing;
using Compress.Training;

namespace Compress.Core.Tests.Search.Trained;

/// <summary>A plan can be made from where training has come: the whole model with trained weights computes what the pruned, trained one does.</summary>
[TestClass]
public sealed class TrainedFactsTests
{
    [TestMethod]
    public void The_model_with_trained_weights_computes_what_the_trained_pruned_model_does()
    {
        var search = SmallSearch.Open(SmallSearch.Network());
        var cuts = search.Facts.Groups.Open.Select(group => new ChannelCut(group.Id, [.. Enumerable.Range(0, group.Channels).Where(channel => channel % 3 != 1)])).ToList();
        var plan = CompressionPlan.Untouched(search.Facts.Layers.Select(layer => layer.Name)) with { Cuts = [.. cuts] };
        var learned = Trainer.Learn(search.Facts.Model, PlanApplier.Roughly(search.Facts, plan), Data(), new TrainingSettings { Epochs = 2 }, SilentReporter.Instance, null, default);

        var facts = TrainedFacts.Of(search.Facts, learned, 1, default);

        var feed = new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(77).Random(1, 6, 3, 8, 8) };
        var (small, whole) = (Compressing.Run(PlanApplier.Write(learned.Plan, false).Model, feed), Compressing.Run(facts.Model, feed));
        Assert.IsLessThan(1e-4, Compressing.RelativeError(small, whole));
        Assert.IsGreaterThan(0.01, Compressing.RelativeError(Compressing.Run(search.Facts.Model, feed), whole), "nothing was trained or cut");
        CollectionAssert.AreEqual(search.Facts.Groups.Open.Select(group => group.Id).ToList(), facts.Groups.Open.Select(group => group.Id).ToList());
    }

    private static MemoryDataset Data() => new(new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(50).Random(1, 128, 3, 8, 8) });
}
