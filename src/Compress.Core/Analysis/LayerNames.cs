using Compress.Graph;

namespace Compress.Analysis;

/// <summary>The name by which a user knows a node: its own, or that of its first output.</summary>
public static class LayerNames
{
    public static string Of(Node node) => node.Name.Length > 0 ? node.Name : node.Outputs.First(output => output.Length > 0);
}
