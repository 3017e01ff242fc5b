namespace Compress.Core.Tests.Analysis;

/// <summary>Kendall's rank correlation: how far two rankings of the same things agree, 1 fully, −1 when one is the other reversed.</summary>
internal static class Kendall
{
    /// <summary>τ-b, which corrects for ties; NaN when one of the rankings has nothing but ties.</summary>
    public static double Tau(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        long agree = 0, untiedA = 0, untiedB = 0;
        for (var i = 0; i < a.Count; i++)
            for (var j = 0; j < i; j++)
            {
                var (inA, inB) = (a[i].CompareTo(a[j]), b[i].CompareTo(b[j]));
                agree += Math.Sign(inA) * Math.Sign(inB);
                if (inA != 0) untiedA++;
                if (inB != 0) untiedB++;
            }
        return agree / Math.Sqrt((double)untiedA * untiedB);
    }
}
