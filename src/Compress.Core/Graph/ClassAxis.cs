namespace Compress.Graph;

/// <summary>Where outputs that are scores of classes have these: axis 1 of a map [N, C, H, …], the last of [N, C] and of a sequence [N, T, C].</summary>
internal static class ClassAxis
{
    /// <param name="rank">Dimensions with the batch axis.</param>
    public static int Of(int rank) => IsMap(rank) ? 1 : rank - 1;

    /// <summary>Whether an output has channels with a value at each position of a picture.</summary>
    public static bool IsMap(int rank) => rank > 3;
}
