namespace Compress.Data;

/// <summary>Dimensions; -1 stands for any size.</summary>
internal static class Shapes
{
    public static string Text(IEnumerable<long> dims) => $"[{string.Join(',', dims.Select(dim => dim < 0 ? "?" : $"{dim}"))}]";

    /// <summary>Whether data of the dimensions <paramref name="found"/> can be fed where <paramref name="declared"/> is declared.</summary>
    public static bool Fit(ReadOnlySpan<long> found, ReadOnlySpan<long> declared)
    {
        if (found.Length != declared.Length) return false;
        for (var i = 0; i < found.Length; i++)
            if (declared[i] >= 0 && found[i] != declared[i]) return false;
        return true;
    }
}
