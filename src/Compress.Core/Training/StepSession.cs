using System.Collections.Immutable;
using Compress.Graph;
using Compress.Runtime;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Training;

/// <summary>
/// A graph to train, loaded. What it works out from weights alone (brought into blocks, turned round for the gradient of an input) is a graph of its own, which
/// runs once a step, however many shards the step has.
/// </summary>
internal sealed class StepSession : IDisposable
{
    private readonly Session shard;
    private readonly Session? once;

    /// <summary>What the last step worked out from weights alone, and where the next one puts it.</summary>
    private IReadOnlyDictionary<string, Tensor> ofStep = ImmutableDictionary<string, Tensor>.Empty;

    /// <param name="model">The graph to train; it is left alone.</param>
    /// <param name="shared">Inputs that are the same for all shards of a step.</param>
    public StepSession(OnnxModel model, IReadOnlyDictionary<string, Tensor> shared)
    {
        var settings = new SessionSettings(FuseQuantized: false);
        var rest = model.Clone();
        try
        {
            if (TakeOut(rest, shared) is { } ofWeights)
            {
                once = new Session(ofWeights, settings);
                ofStep = once.Run(shared);
                foreach (var (name, value) in ofStep) rest.Graph.Inputs.Add(TensorInfo.Of(name, value.Type, value.Dims));
            }
            shard = new Session(rest, settings);
        }
        catch
        {
            once?.Dispose();
            throw;
        }
    }

    /// <summary>What all shards of a step are fed with.</summary>
    /// <param name="shared">The weights; what follows from them is added.</param>
    public void Prepare(Dictionary<string, Tensor> shared)
    {
        if (once is null) return;
        ofStep = Run(once, shared, ofStep);
        foreach (var (name, value) in ofStep) shared[name] = value;
    }

    /// <summary>Loss and gradients of a shard: they have the same dimensions each time.</summary>
    /// <param name="results">Those of an earlier step, which are overwritten; null: there was none.</param>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> feed, IReadOnlyDictionary<string, Tensor>? results) => Run(shard, feed, results);

    public void Dispose()
    {
        once?.Dispose();
        shard.Dispose();
    }

    private static IReadOnlyDictionary<string, Tensor> Run(Session session, IReadOnlyDictionary<string, Tensor> feed, IReadOnlyDictionary<string, Tensor>? results)
    {
        if (results is null || results.Values.Any(result => result.Type != DataType.Float)) return session.Run(feed);
        session.Run(feed, results);
        return results;
    }

    /// <summary>
    /// Takes the nodes out that depend on weights and on nothing of a sample, and gives them as a model of their own; null: there are none. Those of constants alone
    /// ONNX Runtime works out itself.
    /// </summary>
    private static OnnxModel? TakeOut(OnnxModel model, IReadOnlyDictionary<string, Tensor> shared)
    {
        var graph = model.Graph;
        var ofSamples = graph.Inputs.Select(input => input.Name).Where(name => !shared.ContainsKey(name)).ToHashSet(StringComparer.Ordinal);
        var ofWeights = shared.Keys.ToHashSet(StringComparer.Ordinal);
        var taken = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
        {
            if (SubGraphs.Read(node).Any(ofSamples.Contains) || node.Outputs.Any(graph.IsOutput)) ofSamples.UnionWith(Made(node));
            else if (SubGraphs.Read(node).Any(ofWeights.Contains) && taken.Add(node)) ofWeights.UnionWith(Made(node));
        }
        var left = graph.Nodes.Where(node => !taken.Contains(node)).SelectMany(SubGraphs.Read).ToHashSet(StringComparer.Ordinal);
        string[] results = [.. taken.SelectMany(Made).Where(left.Contains)];
        if (results.Length == 0) return null;

        var result = model.Clone();
        result.Graph.Outputs.Clear();
        foreach (var name in results) result.Graph.Outputs.Add(new ValueInfoProto { Name = name });
        Unused.Remove(result.Graph);
        result.Graph.Inputs.RemoveAll(input => !shared.ContainsKey(input.Name));
        graph.Nodes.RemoveAll(taken.Contains);
        Unused.Remove(graph);
        return result;
    }

    private static IEnumerable<string> Made(Node node) => node.Outputs.Where(name => name.Length > 0);
}
