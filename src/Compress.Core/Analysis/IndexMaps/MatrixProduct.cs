using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>MatMul: […, M, K] · […, K, N] → […, M, N], leading axes broadcast. Two activations hold what they are multiplied over.</summary>
internal sealed class MatrixProduct : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (a, b, y) = (node.Input(0), node.Input(1), node.Output);
        var (rankA, rankB, rank) = (axes.Rank(a), axes.Rank(b), axes.Rank(y));
        if (rankA < 2 || rankB < 2) return;
        axes.JoinBroadcast(a, y, end: 2);
        axes.JoinBroadcast(b, y, end: 2);
        axes.Join(a, rankA - 2, y, rank - 2);
        axes.Join(b, rankB - 1, y, rank - 1);
        Contraction.Relate(node, (a, rankA - 1, rankA - 2), (b, rankB - 2, rankB - 1), (y, rank - 2, rank - 1), axes);
    }
}

/// <summary>Gemm: A' [M, K] · B' [K, N] + C → [M, N], A and B transposed where the attributes say so, C broadcast.</summary>
internal sealed class GeneralMatrixProduct : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (a, b, c, y) = (node.Input(0), node.Input(1), node.Input(2), node.Output);
        var (rows, inner) = node.Int("transA") == 0 ? (0, 1) : (1, 0);
        var (innerB, columns) = node.Int("transB") == 0 ? (0, 1) : (1, 0);
        axes.Join(a, rows, y, 0);
        axes.Join(b, columns, y, 1);
        if (c.Length > 0) axes.JoinBroadcast(c, y);
        Contraction.Relate(node, (a, inner, rows), (b, innerB, columns), (y, 0, 1), axes);
    }
}

/// <summary>The axis over which two matrices are multiplied: open when one of them is a constant, whose zeros stand for removed channels.</summary>
internal static class Contraction
{
    public static void Relate(Node node, (string Value, int Inner, int Free) a, (string Value, int Inner, int Free) b, (string Value, int Rows, int Columns) y, AxisRelations axes)
    {
        axes.Produces(node, a.Value, a.Free, y.Value, y.Rows);
        axes.Produces(node, b.Value, b.Free, y.Value, y.Columns);
        if (axes.IsConstant(a.Value) == axes.IsConstant(b.Value)) return;
        axes.Join(a.Value, a.Inner, b.Value, b.Inner);
        axes.Consumes(node, a.Value, a.Inner, b.Value, b.Inner);
        axes.Consumes(node, b.Value, b.Inner, a.Value, a.Inner);
    }
}
