namespace Compress.Analysis.IndexMaps;

/// <summary>Splits a row-major reshape into the smallest runs of axes with equal products: [N,S,768] → [N,S,12,64] is (N|N), (S|S), (768|12,64).</summary>
internal static class Factors
{
    /// <summary>Axes of size 1 belong to no run. Empty when either side has no elements.</summary>
    public static IEnumerable<(int[] In, int[] Out)> Of(long[] from, long[] to)
    {
        if (from.Contains(0) || to.Contains(0)) yield break;
        int[] ins = [.. Enumerable.Range(0, from.Length).Where(axis => from[axis] > 1)];
        int[] outs = [.. Enumerable.Range(0, to.Length).Where(axis => to[axis] > 1)];
        var (i, j) = (0, 0);
        while (i < ins.Length && j < outs.Length)
        {
            var (startIn, startOut) = (i, j);
            var (left, right) = (from[ins[i++]], to[outs[j++]]);
            while (left != right)
            {
                if (left < right) left *= from[ins[i++]];
                else right *= to[outs[j++]];
            }
            yield return (ins[startIn..i], outs[startOut..j]);
        }
    }
}
