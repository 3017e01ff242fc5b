namespace Compress.Analysis.IndexMaps;

/// <summary>
/// Every position along every axis of every value, as disjoint sets: positions that can only be removed together share a set.
/// A set that must stay is closed, with the reason that came first. Names and positions have the order in which they were added.
/// </summary>
internal sealed class AxisElements
{
    private readonly Dictionary<string, int> firstAxis = new(StringComparer.Ordinal);
    private readonly List<Axis> axes = [];
    private readonly List<int> parent = [];
    private readonly List<bool> anchored = [];
    private readonly List<int> closedBy = [];
    private readonly List<string> reasons = [];

    /// <summary>One axis of one value; its elements have the numbers <paramref name="First"/> to First + Size − 1.</summary>
    public sealed class Axis(string value, int index, int first, int size, bool constant)
    {
        public string Value => value;

        public int Index => index;

        public int First => first;

        public int Size => size;

        public bool Constant => constant;
    }

    public int Count => parent.Count;

    public IReadOnlyList<Axis> Axes => axes;

    /// <summary>Elements of constants anchor their set: a reshape that may go several ways follows the anchored axis.</summary>
    public void Add(string value, long[] dims, bool constant)
    {
        if (!firstAxis.TryAdd(value, axes.Count)) return;
        for (var axis = 0; axis < dims.Length; axis++)
        {
            axes.Add(new(value, axis, parent.Count, (int)dims[axis], constant));
            for (var i = 0; i < dims[axis]; i++)
            {
                parent.Add(parent.Count);
                anchored.Add(constant);
                closedBy.Add(int.MaxValue);
            }
        }
    }

    public bool Contains(string value) => firstAxis.ContainsKey(value);

    public Axis Of(string value, int axis) => axes[firstAxis[value] + axis];

    public int Find(int element)
    {
        while (parent[element] != element) element = parent[element] = parent[parent[element]];
        return element;
    }

    public void Join(int a, int b)
    {
        (a, b) = (Find(a), Find(b));
        if (a == b) return;
        if (b < a) (a, b) = (b, a); // the first element names the set
        parent[b] = a;
        anchored[a] |= anchored[b];
        closedBy[a] = Math.Min(closedBy[a], closedBy[b]);
    }

    public void Close(Axis axis, string reason)
    {
        if (axis.Size == 0) return;
        var order = Reason(reason);
        for (var i = 0; i < axis.Size; i++) Close(axis.First + i, order);
    }

    public void Close(int element, string reason) => Close(element, Reason(reason));

    public bool IsOpen(int element) => closedBy[Find(element)] == int.MaxValue;

    public bool IsOpen(Axis axis) => Enumerable.Range(axis.First, axis.Size).Any(IsOpen);

    public bool IsAnchored(Axis axis) => Enumerable.Range(axis.First, axis.Size).Any(element => anchored[Find(element)]);

    /// <summary>Why the set of this element must stay; null when it may go.</summary>
    public string? ClosedBecause(int element) => closedBy[Find(element)] is var order && order < int.MaxValue ? reasons[order] : null;

    private void Close(int element, int order)
    {
        var root = Find(element);
        closedBy[root] = Math.Min(closedBy[root], order);
    }

    private int Reason(string reason)
    {
        if (reasons.Count == 0 || reasons[^1] != reason) reasons.Add(reason);
        return reasons.Count - 1;
    }
}
