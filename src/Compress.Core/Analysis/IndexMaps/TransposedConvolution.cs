using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>ConvTranspose: x [N, g·k, …], W [g·k, m, …] → y [N, g·m, …]; grouped as in <see cref="Convolution"/>.</summary>
internal sealed class TransposedConvolution : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, w, b, y) = (node.Input(0), node.Input(1), node.Input(2), node.Output);
        var groups = (int)node.Int("group", 1);
        var (k, m) = (axes.Size(w, 0) / groups, axes.Size(w, 1));
        axes.Join(x, 0, y, 0);
        if (b.Length > 0) axes.Join(b, 0, y, 1);
        if (groups > 1 && (k == 1 || m == 1))
        {
            axes.Join(w, 0, x, 1);
            axes.State(y, 1);
            for (var g = 0; g < groups; g++)
            {
                for (var i = 0; i < k; i++) axes.Join(x, 1, g * k + i, y, 1, g * m);
                for (var i = 0; i < m; i++) axes.Join(y, 1, g * m + i, y, 1, g * m);
            }
            axes.Produces(node, w, 0, y, 1);
            return;
        }
        for (var c = 0; c < groups * m; c++) axes.Join(w, 1, c % m, y, 1, c);
        axes.Produces(node, w, 1, y, 1);
        if (!axes.IsConstant(w)) return;
        axes.Join(w, 0, x, 1);
        for (var c = 0; c < groups * k; c++) axes.Join(x, 1, c % k, x, 1, c);
        axes.Consumes(node, w, 0, x, 1);
    }

    public void Resize(Node node, AxisCut cut)
    {
        if (node.Int("group", 1) > 1) node.Set("group", cut.Size(node.Output, 1) / cut.Size(node.Input(1), 1));
    }
}
