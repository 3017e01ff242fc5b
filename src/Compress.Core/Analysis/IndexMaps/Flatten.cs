using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Flatten: [d0, …, dn] → [d0 · … · d(axis−1), d(axis) · … · dn].</summary>
internal sealed class Flatten : IIndexMap
{
    public void Relate(Node node, AxisRelations axes) => axes.Refactor(node.Input(0), node.Output);
}
