using Compress.Data;
using Compress.Graph;
using Compress.Runtime;
using Onnx;

namespace Compress.Analysis;

/// <summary>
/// Answers: what happens to the outputs when one value alone changes? The float model has run once and everything that a later node may need is kept;
/// only the nodes that depend on the value run again.
/// </summary>
public sealed class SuffixProbe
{
    private readonly ModelFacts facts;
    private readonly string? scores;
    private readonly CancellationToken cancellation;
    private readonly List<IReadOnlyDictionary<string, Tensor>> values = [];

    /// <param name="samples">Samples that are probed with, in batches; all of their activations are kept.</param>
    public SuffixProbe(ModelFacts facts, IReadOnlyList<Batch> samples, string? scores, int threads, CancellationToken cancellation = default)
    {
        (this.facts, this.scores, this.cancellation) = (facts, scores, cancellation);
        var all = facts.Model.Clone();
        all.Graph.Outputs.Clear();
        foreach (var value in facts.Model.Graph.Nodes.SelectMany(node => node.Outputs).Where(value => value.Length > 0)) all.Graph.Outputs.Add(new ValueInfoProto { Name = value });
        using var session = new Session(all, new SessionSettings(threads));
        foreach (var batch in samples)
        {
            cancellation.ThrowIfCancellationRequested();
            var known = new Dictionary<string, Tensor>(session.Run(batch.Inputs), StringComparer.Ordinal);
            foreach (var (name, tensor) in batch.Inputs) known[name] = tensor;
            values.Add(known);
        }
    }

    /// <summary>A value of the float model on one batch.</summary>
    public Tensor this[int batch, string value] => values[batch][value];

    /// <summary>The damage of each variant of one value: <paramref name="variants"/> gives, for a variant and a batch, the changed tensor.</summary>
    public double[] Damage(string value, int variants, Func<int, int, Tensor> changed)
    {
        var affected = Downstream(value);
        var outputs = facts.Model.Graph.Outputs.Select(output => output.Name).Where(facts.Shapes.ContainsKey).ToList();
        var moved = outputs.Where(output => output == value || affected.Any(node => node.Outputs.Contains(output))).ToList();
        var damage = new double[variants];
        if (moved.Count == 0) return damage;
        using var session = affected.Count == 0 ? null : new Session(Segment.Of(facts.Model, affected, [.. moved.Where(output => output != value)], facts.Shapes), new SessionSettings());
        for (var v = 0; v < variants; v++)
            for (var b = 0; b < values.Count; b++)
            {
                cancellation.ThrowIfCancellationRequested();
                var tensor = changed(v, b);
                var results = session?.Run(new Changed(values[b], value, tensor).Inputs(session.Inputs));
                foreach (var output in moved) damage[v] += OutputDamage.Of(values[b][output], output == value ? tensor : results![output], asDistribution: output == scores) / moved.Count / values.Count;
            }
        return damage;
    }

    private List<Node> Downstream(string value)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal) { value };
        var nodes = new List<Node>();
        foreach (var node in facts.Model.Graph.Nodes)
        {
            if (!node.Inputs.Concat(SubGraphs.Captures(node)).Any(reached.Contains)) continue;
            nodes.Add(node);
            reached.UnionWith(node.Outputs);
        }
        return nodes;
    }

    private sealed record Changed(IReadOnlyDictionary<string, Tensor> Known, string Value, Tensor Tensor)
    {
        public Dictionary<string, Tensor> Inputs(IReadOnlyList<string> names) => names.ToDictionary(name => name, name => name == Value ? Tensor : Known[name]);
    }
}
