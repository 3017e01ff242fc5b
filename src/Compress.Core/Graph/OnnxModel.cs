using Compress.Diagnostics;
using Onnx;

namespace Compress.Graph;

/// <summary>A model in memory: the graph, and the header (opsets, IR version, metadata, local functions) as the file had it.</summary>
public sealed class OnnxModel
{
    private static readonly HashSet<string> OwnDomains = new(["", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc"], StringComparer.Ordinal);

    public required OnnxGraph Graph { get; init; }

    /// <summary>Everything of the file but its graph.</summary>
    public required ModelProto Header { get; init; }

    /// <summary>The model file and every external data file that was read with it.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>What the user should know of the reading: nothing that stops, but something that was left out or fixed.</summary>
    public IReadOnlyList<Diagnostic> Warnings { get; init; } = [];

    /// <summary>Version of the ONNX operator set; 0 when the model imports none.</summary>
    public int Opset
    {
        get => OpsetOf("");
        set => SetOpset("", value);
    }

    public int OpsetOf(string domain) =>
        (int)(Header.OpsetImport.FirstOrDefault(set => set.Domain == domain || (domain.Length == 0 && set.Domain == "ai.onnx"))?.Version ?? 0);

    public void SetOpset(string domain, int version)
    {
        var import = Header.OpsetImport.FirstOrDefault(set => set.Domain == domain || (domain.Length == 0 && set.Domain == "ai.onnx"));
        if (import is null) Header.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        else import.Version = version;
    }

    /// <summary>Operator domains, at any depth, that ONNX Runtime itself does not have: their kernels come from a library of the application.</summary>
    public IEnumerable<string> ForeignDomains() =>
        Graph.Nodes.SelectMany(node => node.SubGraphs().SelectMany(SubGraphs.Domains).Append(node.Domain)).Distinct(StringComparer.Ordinal).Where(domain => !OwnDomains.Contains(domain));

    public OnnxModel Clone() => new() { Graph = Graph.Clone(), Header = Header.Clone(), Files = Files, Warnings = Warnings };
}
