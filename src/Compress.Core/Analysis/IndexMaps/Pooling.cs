using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Pooling, local and global: [N, C, …] → [N, C, …], channel by channel. The indices that MaxPool can give count over all channels and hold them.</summary>
internal sealed class Pooling : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        if (node.Outputs.Count(output => output.Length > 0) > 1) return;
        axes.Join(node.Input(0), 0, node.Output, 0);
        axes.Join(node.Input(0), 1, node.Output, 1);
    }
}
