using Compress.Analysis;
using Compress.Apply;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime.Operators;
using Onnx;

namespace Compress.Training;

/// <summary>The graph that is run for a training step: the pruned model with its activations on their grids, the loss, and the gradients.</summary>
/// <param name="Loss">The output that is the loss, a mean over the samples.</param>
/// <param name="Gradients">Weights, biases and steps → the output with their gradient.</param>
/// <param name="Steps">Activation that has a learned step size → the input that carries it.</param>
internal sealed record TrainingGraph(OnnxModel Model, string Loss, IReadOnlyDictionary<string, string> Gradients, IReadOnlyDictionary<string, string> Steps)
{
    /// <param name="taught">What is learned from the float model.</param>
    /// <param name="shard">A feed of any number of samples.</param>
    /// <param name="weights">Taught value, or array of labels → weight of its squared error.</param>
    /// <param name="part">Nodes of its own; null: none.</param>
    public static TrainingGraph Of(PreparedPlan prepared, IReadOnlyList<Layer> layers, TrainingSettings settings, Taught taught, Batch shard, IReadOnlyDictionary<string, float> weights, IGraphPart? part = null)
    {
        var model = OpsetUpgrade.To(prepared.Pruned.Model, GradientGraph.Opset).Clone();
        var graph = model.Graph;
        var biases = Biased(graph, layers, prepared.Pruned.Model.Graph);
        var steps = ActivationGrids.Put(model, prepared, OwnOperators.AreThere);
        var own = part?.Insert(graph) ?? [];

        var shapes = ObservedShapes.Observe(prepared.Pruned.Model, shard.Inputs);
        part?.Check(shapes, shard.Samples);
        var loss = AddLosses(graph, taught, settings, weights, shapes);
        string[] wanted = [.. layers.Select(layer => layer.Weight), .. biases, .. steps.Values, .. own];
        var feed = new Dictionary<string, Tensor>(shard.Inputs, StringComparer.Ordinal);
        part?.Feed(feed, shard.Samples, new Random(1));
        foreach (var value in taught.Values) feed[TeacherInput(value)] = Zeros(shapes[value].Dims);
        settings.Labels?.FeedZeros(feed, shard);
        var dims = ObservedShapes.Observe(model, feed).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        var request = new GradientRequest(new Dictionary<string, string> { [loss] = Losses.Seed(graph) }, wanted) { Forward = [loss], ConstantsAsInputs = true, InBlocks = true };
        var made = GradientGraph.Of(model, dims, request);
        foreach (var input in wanted.Where(graph.Constants.ContainsKey)) feed[input] = graph.Constants[input];
        BlockedConvolutions.Apply(made.Model, feed);
        SpareMemory.Apply(made.Model.Graph);
        GraphRules.CheckAfter("building the graph to train", made.Model);
        return new TrainingGraph(made.Model, loss, made.Gradients, steps);
    }

    /// <summary>The input that carries a layer's bias; null: there is nowhere to put one.</summary>
    public static string? BiasInput(Layer layer) => layer.TakesBias ? layer.Bias ?? layer.Weight + ".bias" : null;

    public static string TeacherInput(string value) => $"teacher.{value}";

    private static Tensor Zeros(long[] dims) => Tensor.Of(new float[Tensor.ElementCount(dims)], dims);

    private static string AddLosses(OnnxGraph graph, Taught taught, TrainingSettings settings, IReadOnlyDictionary<string, float> weights, IReadOnlyDictionary<string, ValueFacts> shapes)
    {
        var losses = new List<(string, float)>();
        var logits = settings.Scores is { } scores ? Taught.Logits(graph, scores) : null;
        foreach (var value in taught.Values)
        {
            var rank = shapes[value].Dims.Length;
            losses.Add(value == logits && rank >= 2
                ? (Losses.Divergence(graph, value, TeacherInput(value), rank), 1)
                : (Losses.MeanSquare(graph, value, TeacherInput(value), rank), weights[value]));
        }
        if (settings.Labels is { } labels) losses.Add(labels.AddLoss(graph, Taught.OutputsOf(graph, settings.Scores)[0], weights.GetValueOrDefault(labels.Array, 1)));
        if (losses.Count == 0) throw Codes.NoOutputToLearn(graph.Outputs.Select(output => output.Name)).Error();
        return Losses.Weighted(graph, [.. losses]);
    }

    /// <summary>Each layer's bias, and one of its own where it could have one but has none.</summary>
    private static List<string> Biased(OnnxGraph graph, IReadOnlyList<Layer> layers, OnnxGraph original)
    {
        var biases = new List<string>();
        foreach (var layer in layers)
        {
            if (BiasInput(layer) is not { } name) continue;
            biases.Add(name);
            if (layer.Bias is not null)
            {
                graph.Constants[name] = graph.Constants[name].Reshape(graph.Constants[name].Count); // also one of dimensions [1, N]
                continue;
            }
            var node = graph.Nodes.Single(node => node.Outputs.SequenceEqual(layer.Node.Outputs));
            graph.Constants[name] = Zeros([WeightMatrix.Of(layer, original.Constants[layer.Weight]).Scales]);
            while (node.Inputs.Count < 3) node.Inputs.Add("");
            node.Inputs[2] = name;
        }
        return biases;
    }
}
