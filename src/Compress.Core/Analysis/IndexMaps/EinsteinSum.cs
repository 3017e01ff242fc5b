using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Einsum with plain letters: axes of one letter go together; a letter that is summed over is open only between one constant and one activation.</summary>
internal sealed class EinsteinSum : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var sides = node.Text("equation").Replace(" ", "", StringComparison.Ordinal).Split("->");
        if (sides.Length != 2 || sides[0].Contains('.')) return;
        var terms = sides[0].Split(',');
        foreach (var letter in sides[0].Where(char.IsLetter).Distinct())
        {
            var places = terms.SelectMany((term, slot) => Places(term, letter).Select(axis => (Value: node.Input(slot), Axis: axis))).ToList();
            if (sides[1].IndexOf(letter) is var output and >= 0)
                foreach (var (value, axis) in places)
                {
                    axes.Join(value, axis, node.Output, output);
                    axes.Produces(node, value, axis, node.Output, output);
                }
            else if (places is [var a, var b] && axes.IsConstant(a.Value) != axes.IsConstant(b.Value))
            {
                axes.Join(a.Value, a.Axis, b.Value, b.Axis);
                axes.Consumes(node, a.Value, a.Axis, b.Value, b.Axis);
                axes.Consumes(node, b.Value, b.Axis, a.Value, a.Axis);
            }
        }
    }

    private static IEnumerable<int> Places(string term, char letter) => Enumerable.Range(0, term.Length).Where(i => term[i] == letter);
}
