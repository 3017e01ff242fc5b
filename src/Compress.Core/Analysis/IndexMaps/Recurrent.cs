using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>
/// LSTM, GRU and RNN with <paramref name="gates"/> blocks of H rows: x [S, B, I], W [D, gates·H, I], R [D, gates·H, H], b [D, 2·gates·H] → Y [S, D, B, H], states [D, B, H].
/// A hidden unit is a row of every gate and a column of R; both directions lose the same units.
/// </summary>
internal sealed class Recurrent(int gates) : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, w, r, b) = (node.Input(0), node.Input(1), node.Input(2), node.Input(3));
        if (node.Int("layout") != 0 || !axes.IsConstant(w) || !axes.IsConstant(r)) return;
        var hidden = axes.Size(r, 2);
        axes.Join(w, 2, x, 2);
        axes.Consumes(node, w, 2, x, 2);
        Blocks(w, gates);
        Blocks(r, gates);
        if (b.Length > 0) Blocks(b, 2 * gates);
        foreach (var state in new[] { node.Input(5), node.Input(6) }.Where(state => state.Length > 0)) axes.Join(r, 2, state, 2);
        if (axes.Has(node, 7)) Blocks(node.Input(7), gates - 1); // peepholes of LSTM: input, output, forget
        foreach (var output in node.Outputs.Where(output => output.Length > 0))
        {
            axes.Join(r, 2, output, axes.Rank(output) - 1);
            axes.Produces(node, w, 1, output, axes.Rank(output) - 1);
            axes.Produces(node, r, 1, output, axes.Rank(output) - 1);
            axes.Consumes(node, r, 2, output, axes.Rank(output) - 1);
        }

        void Blocks(string parameter, int count)
        {
            for (var i = 0; i < count * hidden; i++) axes.Join(parameter, 1, i, r, 2, i % hidden);
        }
    }

    public void Resize(Node node, AxisCut cut)
    {
        if (node.Attributes.ContainsKey("hidden_size")) node.Set("hidden_size", cut.Size(node.Input(2), 2));
    }
}
