using Compress.Apply;
using Compress.Core.Tests.Evaluate;
using Compress.Graph;
using Compress.Diagnostics;
using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>What a part of the graph to train makes of the layers' gradients is what the layers move by, whatever their size.</summary>
[TestClass]
public sealed class GraphPartTests
{
    [TestMethod]
    public void A_part_changes_the_gradients_that_layers_took()
    {
        var (facts, plan) = SmallNet.ThreeBits();
        var start = PlanApplier.Roughly(facts, plan);
        var data = new MemoryDataset(SmallNet.Feed(64, 99));
        var settings = new TrainingSettings { Epochs = 4, BatchSize = 64, Rate = 0.02, WeightDecay = 0 };

        var free = Trainer.Learn(facts.Model, start, data, settings, SilentReporter.Instance, null, default);
        var held = Trainer.Learn(facts.Model, start, data, settings, SilentReporter.Instance, null, default, layers => new Holding(layers));

        foreach (var (layer, before) in start.Layers)
        {
            double Moved(Learned learned) => before.FloatWeights.Zip(learned.Exact[layer].Floats(), (was, now) => Math.Abs(was - now)).Max();
            Assert.IsLessThan(1e-6, Moved(held), layer);
            Assert.IsGreaterThan(1e-4, Moved(free), layer);
        }
    }

    /// <summary>Nothing that layers learn moves.</summary>
    private sealed class Holding(IReadOnlyList<LearnedLayer> layers) : IGraphPart
    {
        public IEnumerable<Parameter> Parameters => [];

        public IReadOnlyList<string> Insert(OnnxGraph graph) => [];

        public void Feed(IDictionary<string, Tensor> feed)
        {
        }

        public void Feed(IDictionary<string, Tensor> feed, int samples, Random random)
        {
        }

        public void Take(Func<string, float[]> gradient, double progress)
        {
            foreach (var parameter in layers.SelectMany(layer => layer.Parameters)) Array.Clear(parameter.Gradient);
        }
    }
}
