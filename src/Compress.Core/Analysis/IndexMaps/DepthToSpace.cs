using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>DepthToSpace: [N, b·b·C, H, W] → [N, C, b·H, b·W]. DCR orders channels (block row, block column, c), CRD (c, block row, block column).</summary>
internal sealed class DepthToSpace : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        var blocks = (int)(node.Int("blocksize") * node.Int("blocksize"));
        var channels = axes.Size(y, 1);
        axes.Join(x, 0, y, 0);
        for (var i = 0; i < axes.Size(x, 1); i++) axes.Join(x, 1, i, y, 1, node.Text("mode", "DCR") == "CRD" ? i / blocks : i % channels);
    }
}

/// <summary>SpaceToDepth: [N, C, b·H, b·W] → [N, b·b·C, H, W], channels in the order (block row, block column, c).</summary>
internal sealed class SpaceToDepth : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        axes.Join(x, 0, y, 0);
        for (var i = 0; i < axes.Size(y, 1); i++) axes.Join(x, 1, i % axes.Size(x, 1), y, 1, i);
    }
}
