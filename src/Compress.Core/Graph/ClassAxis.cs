namespace Compress.Graph;

/// <summary>Where outputs that are scores of classes have these: axis 1 of a map [N, C, H, …], the last of [N, C] and of a sequence [N, T, C].</summary>
internal static class ClassAxis
{
    /// <param name="rank">Dimensions with the batch axis.</param>
    public static int Of(int rank) => rank > 3 ? 1 : rank - 1;
}
