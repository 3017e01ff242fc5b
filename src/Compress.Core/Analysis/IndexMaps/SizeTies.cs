using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>A number in a constant that must follow the size of an axis: position <paramref name="Index"/> of input <paramref name="Slot"/> of the node that makes <paramref name="NodeOutput"/>.</summary>
public sealed record SizeParameter(string NodeOutput, int Slot, int Index, string Value, int Axis);

/// <summary>Which numbers of shapes must follow which axes, and which axes must therefore lose as much as each other.</summary>
internal sealed class SizeTies(ShapeFlow flow)
{
    private readonly List<((string Value, int Axis) A, (string Value, int Axis) B)> equal = [];
    private readonly Dictionary<(Node Node, int Slot, int Index), (string Value, int Axis)> owners = [];
    private readonly HashSet<SizeSource> escaped = [.. flow.Escapes.Select(escape => escape.Source)];
    private readonly List<SizeParameter> parameters = [];

    /// <summary>Numbers to rewrite after a cut.</summary>
    public IReadOnlyList<SizeParameter> Parameters => parameters;

    public SizeSource[]? Sources(Node node, int slot) => flow.Of(node, slot);

    /// <summary>The axis has the size that the source gives.</summary>
    public void Tie(SizeSource? source, string value, int axis, AxisRelations axes)
    {
        if (source is null or SizeSource.Unknown || escaped.Contains(source)) axes.Close(value, axis, $"the size of '{value}' is computed");
        else if (source is SizeSource.Dimension from) Equal(from.Value, from.Axis, value, axis);
        else if (source is SizeSource.Constant constant)
        {
            if (!owners.TryAdd((constant.Node, constant.Slot, constant.Index), (value, axis)))
            {
                var owner = owners[(constant.Node, constant.Slot, constant.Index)];
                Equal(owner.Value, owner.Axis, value, axis);
            }
            else parameters.Add(new(constant.Node.Outputs.First(output => output.Length > 0), constant.Slot, constant.Index, value, axis));
        }
    }

    /// <summary>Both axes must keep equally many positions.</summary>
    public void Equal(string a, int axisA, string b, int axisB) => equal.Add(((a, axisA), (b, axisB)));

    /// <summary>Closes axes whose sizes are computed with.</summary>
    public void CloseEscaped(AxisRelations axes)
    {
        foreach (var (source, reason) in flow.Escapes)
            if (source is SizeSource.Dimension from && axes.Elements.Contains(from.Value)) axes.Close(from.Value, from.Axis, reason);
    }

    /// <summary>Closes axes that are tied to one that does not lose the same positions, until nothing changes.</summary>
    public void Settle(AxisElements elements)
    {
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var (a, b) in equal)
            {
                var (left, right) = (elements.Of(a.Value, a.Axis), elements.Of(b.Value, b.Axis));
                if ((!elements.IsOpen(left) && !elements.IsOpen(right)) || Together(left, right, elements)) continue;
                elements.Close(left, $"the size of '{b.Value}' is taken from another value");
                elements.Close(right, $"the size of '{b.Value}' is taken from another value");
                changed = true;
            }
        }
    }

    private static bool Together(AxisElements.Axis a, AxisElements.Axis b, AxisElements elements) =>
        a.Size == b.Size && Enumerable.Range(0, a.Size).All(i => elements.Find(a.First + i) == elements.Find(b.First + i));
}
