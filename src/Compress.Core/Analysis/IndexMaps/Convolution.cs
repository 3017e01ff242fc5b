using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Conv: x [N, g·k, …], W [g·m, k, …] → y [N, g·m, …]. Grouped: whole groups where each reads or makes one channel, else the same position of every group.</summary>
internal sealed class Convolution : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, w, b, y) = (node.Input(0), node.Input(1), node.Input(2), node.Output);
        var groups = (int)node.Int("group", 1);
        var (k, m) = (axes.Size(w, 1), axes.Size(w, 0) / groups);
        axes.Join(x, 0, y, 0);
        axes.Join(w, 0, y, 1);
        if (b.Length > 0) axes.Join(b, 0, y, 1);
        axes.Produces(node, w, 0, y, 1);
        if (groups > 1 && (k == 1 || m == 1)) WholeGroups(x, y, w, groups, k, m, axes);
        else
        {
            for (var c = 0; c < groups * m; c++) axes.Join(y, 1, c % m, y, 1, c);
            if (!axes.IsConstant(w)) return;
            for (var c = 0; c < groups * k; c++) axes.Join(w, 1, c % k, x, 1, c);
            axes.Consumes(node, w, 1, x, 1);
        }
    }

    private static void WholeGroups(string x, string y, string w, int groups, int k, int m, AxisRelations axes)
    {
        for (var g = 0; g < groups; g++)
        {
            for (var i = 0; i < k; i++) axes.Join(x, 1, g * k + i, y, 1, g * m);
            for (var i = 0; i < m; i++) axes.Join(y, 1, g * m + i, y, 1, g * m);
        }
    }

    public void Resize(Node node, AxisCut cut)
    {
        if (node.Int("group", 1) > 1) node.Set("group", cut.Size(node.Input(0), 1) / cut.Size(node.Input(1), 1));
    }
}
