using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>QuantizeLinear and DequantizeLinear: element by element, with one scale and zero point a tensor or a position of one axis. Blocked scales hold everything.</summary>
internal sealed class Quantization : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        if (node.Inputs.Skip(1).Any(parameter => parameter.Length > 0 && axes.Rank(parameter) > 1)) return;
        axes.JoinBroadcast(x, y);
        foreach (var parameter in node.Inputs.Skip(1).Where(parameter => parameter.Length > 0 && axes.Rank(parameter) == 1))
            if (axes.Size(parameter, 0) > 1) axes.Join(parameter, 0, x, axes.Axis(x, node.Int("axis", 1)));
    }
}
