using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>What a constant does along one of its axes: makes the channels of a value, or reads and sums over them.</summary>
internal sealed record WeightRole(Node Node, string Weight, int WeightAxis, string Value, int ValueAxis, bool Consumes);

/// <summary>The language of the index maps: what they may ask about a model, and what they may state about it.</summary>
internal sealed class AxisRelations(OnnxModel model, IReadOnlyDictionary<string, ValueFacts> facts)
{
    private readonly HashSet<(string Value, int Axis)> stated = [];

    public AxisElements Elements { get; } = new();

    public List<WeightRole> Roles { get; } = [];

    public List<ReshapeChoice> Reshapes { get; } = [];

    public SizeTies Sizes { get; } = new(ShapeFlow.Of(model, facts));

    public int Opset => model.Opset;

    public bool IsKnown(string value) => facts.ContainsKey(value);

    public bool IsConstant(string value) => model.Graph.Constants.ContainsKey(value);

    public int Rank(string value) => facts[value].Dims.Length;

    public long[] Dims(string value) => facts[value].Dims;

    public int Size(string value, int axis) => (int)facts[value].Dims[axis];

    /// <summary>An axis counted from the end when negative.</summary>
    public int Axis(string value, long axis) => (int)(axis < 0 ? axis + Rank(value) : axis);

    /// <summary>Integers from an attribute (old opsets) or a constant input (newer ones); null when computed or absent.</summary>
    public long[]? Ints(Node node, string attribute, int slot) => Parameters.Ints(model.Graph, node, attribute, slot);

    /// <summary>The ranges of a Slice node; null when they are computed.</summary>
    public IReadOnlyList<SliceRange>? Slices(Node node) => IndexMaps.Slices.Of(model.Graph, node, Dims(node.Input(0)));

    public bool Has(Node node, int slot) => node.Input(slot).Length > 0;

    /// <summary>Position i of one axis goes with position j of the other.</summary>
    public void Join(string a, int axisA, int i, string b, int axisB, int j)
    {
        State(a, axisA);
        State(b, axisB);
        Elements.Join(Elements.Of(a, axisA).First + i, Elements.Of(b, axisB).First + j);
    }

    /// <summary>Two axes of one size, position by position. Axes of different sizes are left unsaid.</summary>
    public void Join(string a, int axisA, string b, int axisB)
    {
        if (Size(a, axisA) != Size(b, axisB)) return;
        for (var i = 0; i < Size(a, axisA); i++) Join(a, axisA, i, b, axisB, i);
    }

    /// <summary>Axis by axis from the last, up to <paramref name="end"/> axes before it; an axis of size 1 is broadcast and says nothing (ONNX: multidirectional broadcasting).</summary>
    public void JoinBroadcast(string input, string output, int end = 0)
    {
        var offset = Rank(output) - Rank(input);
        for (var axis = 0; axis < Rank(input) - end; axis++) Join(input, axis, output, axis + offset);
    }

    /// <summary>The axis is understood: its positions may go unless something else holds them.</summary>
    public void State(string value, int axis) => stated.Add((value, axis));

    public void Close(string value, int axis, string reason) => Elements.Close(Elements.Of(value, axis), reason);

    public void Close(string value, int axis, int index, string reason) => Elements.Close(Elements.Of(value, axis).First + index, reason);

    /// <summary>A constant makes the channels of a value.</summary>
    public void Produces(Node node, string weight, int weightAxis, string value, int valueAxis) => AddRole(new(node, weight, weightAxis, value, valueAxis, Consumes: false));

    /// <summary>A constant multiplies the channels of a value and sums over them: with zeros in it, they don't count.</summary>
    public void Consumes(Node node, string weight, int weightAxis, string value, int valueAxis) => AddRole(new(node, weight, weightAxis, value, valueAxis, Consumes: true));

    /// <summary>The same elements in row-major order under other dimensions.</summary>
    public void Refactor(string input, string output)
    {
        foreach (var (ins, outs) in Factors.Of(Dims(input), Dims(output)))
        {
            foreach (var axis in ins) State(input, axis);
            foreach (var axis in outs) State(output, axis);
            if (ins.Length == 1 && outs.Length == 1) Join(input, ins[0], output, outs[0]);
            else Reshapes.Add(new(input, ins, output, outs));
        }
    }

    /// <summary>Adds the axes of a node's inputs and outputs; the order of these calls is that of groups and channels.</summary>
    public void Add(Node node)
    {
        foreach (var value in node.Inputs.Concat(node.Outputs).Where(IsKnown)) Elements.Add(value, Dims(value), IsConstant(value));
    }

    /// <summary>Relates one node, then closes every axis that its map left unsaid.</summary>
    public void Relate(Node node)
    {
        var row = ChannelOperators.Of(node);
        string[] values = [.. node.Inputs.Concat(node.Outputs).Where(value => value.Length > 0).Distinct()];
        stated.Clear();
        if (values.All(IsKnown)) row?.Map.Relate(node, this);
        var reason = $"{node} {row?.Whole ?? "is an operator that pruning does not know"}";
        foreach (var value in values.Where(IsKnown))
            for (var axis = 0; axis < Rank(value); axis++)
                if (!stated.Contains((value, axis))) Close(value, axis, reason);
        foreach (var captured in SubGraphs.Captures(node)) CloseAll(captured, $"{node} uses them inside a sub-graph");
    }

    public void CloseAll(string value, string reason)
    {
        if (!IsKnown(value)) return;
        Elements.Add(value, Dims(value), IsConstant(value));
        for (var axis = 0; axis < Rank(value); axis++) Close(value, axis, reason);
    }

    private void AddRole(WeightRole role)
    {
        if (IsConstant(role.Weight)) Roles.Add(role);
    }
}
