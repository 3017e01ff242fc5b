namespace Compress.Analysis.IndexMaps;

/// <summary>
/// A run of axes that a reshape regroups, of which one axis on each side can lose positions; the others stay whole.
/// [768] → [12, 64] may lose whole rows of 64 (attention heads) or one position of each row, never both.
/// </summary>
internal sealed record ReshapeChoice(string Input, int[] Ins, string Output, int[] Outs)
{
    /// <summary>Settles all choices: forced ones first, then those where one side is tied to a constant, then the finest, in graph order.</summary>
    public static void Settle(List<ReshapeChoice> choices, AxisElements elements)
    {
        var open = new List<ReshapeChoice>(choices);
        while (open.Count > 0)
        {
            if (open.RemoveAll(choice => choice.TryForced(elements)) > 0) continue;
            var anchored = open.FindIndex(choice => choice.TryAnchored(elements));
            if (anchored >= 0) open.RemoveAt(anchored);
            else
            {
                open[0].TakeFinest(elements);
                open.RemoveAt(0);
            }
        }
    }

    private bool TryForced(AxisElements elements)
    {
        var (ins, outs) = (Open(Input, Ins, elements), Open(Output, Outs, elements));
        if (ins.Count > 1 && outs.Count > 1) return false;
        if (ins.Count == 0) CloseAll(elements.ClosedBecause(elements.Of(Input, Ins[0]).First)!, elements);
        else if (outs.Count == 0) CloseAll(elements.ClosedBecause(elements.Of(Output, Outs[0]).First)!, elements);
        else if (ins.Count == 1 && outs.Count == 1) Take(ins[0], outs[0], elements);
        else return false;
        return true;
    }

    private bool TryAnchored(AxisElements elements)
    {
        var (ins, outs) = (Anchored(Open(Input, Ins, elements), elements), Anchored(Open(Output, Outs, elements), elements));
        if (ins.Count != 1 || outs.Count != 1) return false;
        Take(ins[0], outs[0], elements);
        return true;
    }

    private void TakeFinest(AxisElements elements)
    {
        var pairs = from input in Open(Input, Ins, elements) from output in Open(Output, Outs, elements) select (input, output);
        var (bestIn, bestOut) = pairs.MaxBy(pair => Channels(pair.input, pair.output, elements));
        Take(bestIn, bestOut, elements);
    }

    private static List<AxisElements.Axis> Open(string value, int[] axes, AxisElements elements) =>
        [.. axes.Select(axis => elements.Of(value, axis)).Where(elements.IsOpen)];

    private static List<AxisElements.Axis> Anchored(List<AxisElements.Axis> axes, AxisElements elements) =>
        axes.Count > 1 ? axes.FindAll(elements.IsAnchored) : axes;

    private IEnumerable<AxisElements.Axis> All(AxisElements elements) =>
        Ins.Select(axis => elements.Of(Input, axis)).Concat(Outs.Select(axis => elements.Of(Output, axis)));

    /// <summary>One side must stay whole, so the other must too, for the same reason.</summary>
    private void CloseAll(string reason, AxisElements elements)
    {
        foreach (var axis in All(elements)) elements.Close(axis, reason);
    }

    private void Take(AxisElements.Axis input, AxisElements.Axis output, AxisElements elements)
    {
        foreach (var axis in All(elements).Where(axis => axis != input && axis != output)) elements.Close(axis, $"a reshape to '{Output}' keeps them whole");
        foreach (var (i, j) in Meetings(input, output, elements)) elements.Join(input.First + i, output.First + j);
    }

    /// <summary>Positions of both axes that share an element of the run: positions are numbered in row-major order on either side.</summary>
    private IEnumerable<(int In, int Out)> Meetings(AxisElements.Axis input, AxisElements.Axis output, AxisElements elements)
    {
        var (total, inner) = Strides(Input, Ins, input, elements);
        var (_, outer) = Strides(Output, Outs, output, elements);
        var seen = new HashSet<(int, int)>();
        for (var f = 0L; f < total; f++)
        {
            var meeting = ((int)(f / inner % input.Size), (int)(f / outer % output.Size));
            if (seen.Add(meeting)) yield return meeting;
        }
    }

    private static (long Total, long Stride) Strides(string value, int[] axes, AxisElements.Axis chosen, AxisElements elements)
    {
        var (total, stride) = (1L, 1L);
        foreach (var axis in axes.Reverse().Select(axis => elements.Of(value, axis)))
        {
            if (axis == chosen) stride = total;
            total *= axis.Size;
        }
        return (total, stride);
    }

    /// <summary>How many sets of channels would remain apart.</summary>
    private int Channels(AxisElements.Axis input, AxisElements.Axis output, AxisElements elements)
    {
        var sets = new AxisElements();
        sets.Add("roots", [input.Size + output.Size], constant: false);
        var first = new Dictionary<int, int>();
        for (var i = 0; i < input.Size; i++)
            if (!first.TryAdd(elements.Find(input.First + i), i)) sets.Join(first[elements.Find(input.First + i)], i);
        foreach (var (i, j) in Meetings(input, output, elements)) sets.Join(i, input.Size + j);
        return Enumerable.Range(0, sets.Count).Count(i => sets.Find(i) == i);
    }
}
