using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Squeeze and Unsqueeze: axes of size 1 go or come, the others keep their order.</summary>
internal sealed class Squeeze : IIndexMap
{
    public void Relate(Node node, AxisRelations axes) => axes.Refactor(node.Input(0), node.Output);
}
