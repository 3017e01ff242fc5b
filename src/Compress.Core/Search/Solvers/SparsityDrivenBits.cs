namespace Compress.Search.Solvers;

/// <summary>Bits of a layer by PIC-PQ: its allowed maximum, less a penalty that grows as the layer loses weight mass.</summary>
public static class SparsityDrivenBits
{
    /// <param name="most">The layer's maximum, B_max.</param>
    /// <param name="retained">Σ|w| of what is kept over Σ|w| of the whole layer, 0 to 1.</param>
    /// <param name="penalty">ρ.</param>
    /// <returns>B_max for an uncut layer, else B_max − ⌈ρ / r⌉, not below <paramref name="least"/>.</returns>
    public static int Of(int most, double retained, int least, double penalty) => retained >= 1 ? most
        : (int)Math.Clamp(most - Math.Ceiling((penalty / Math.Max(retained, 1e-9)) - 1e-9), Math.Min(least, most), most);

    /// <summary>B_max by depth; published for ResNet-56 are 8 bits in the first third of the layers, then 6, then 4. 8 for the first layer and the last.</summary>
    /// <param name="parts">Bits of each of as many equal parts of the layers between.</param>
    /// <param name="lowered">Bits by which all between the first and the last are lowered, not below 2.</param>
    public static int Most(int layer, int layers, IReadOnlyList<int> parts, int lowered) =>
        layer == 0 || layer == layers - 1 ? 8 : Math.Max(2, parts[Math.Min(parts.Count - 1, parts.Count * (layer - 1) / Math.Max(1, layers - 2))] - lowered);
}
