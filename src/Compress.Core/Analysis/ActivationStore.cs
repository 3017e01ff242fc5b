using Compress.Graph;
using Compress.Runtime;

namespace Compress.Analysis;

/// <summary>The values of one stream that are still needed, each as one tensor a batch.</summary>
internal sealed class ActivationStore
{
    private readonly Dictionary<string, Tensor[]> values = new(StringComparer.Ordinal);

    public Tensor[] this[string name]
    {
        get => values[name];
        set => values[name] = value;
    }

    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>Runs a segment batch by batch and keeps its outputs.</summary>
    public void Run(OnnxModel segment, SessionSettings settings)
    {
        using var session = new Session(segment, settings);
        var inputs = segment.Graph.Inputs.Select(input => input.Name).ToList();
        var batches = inputs.Count > 0 ? values[inputs[0]].Length : values.Values.First().Length;
        foreach (var output in session.Outputs) values[output] = new Tensor[batches];
        for (var b = 0; b < batches; b++)
            foreach (var (name, tensor) in session.Run(inputs.ToDictionary(input => input, input => values[input][b]))) values[name][b] = tensor;
    }

    /// <summary>Forgets every value that no node from <paramref name="next"/> on reads.</summary>
    public void ReleaseAll(IReadOnlyDictionary<string, int> lastUse, int next)
    {
        foreach (var name in values.Keys.Where(name => lastUse.GetValueOrDefault(name, -1) < next).ToList()) values.Remove(name);
    }
}
