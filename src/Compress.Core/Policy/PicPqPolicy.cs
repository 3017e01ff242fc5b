namespace Compress.Policy;

/// <summary>The constants by which PIC-PQ gives bits, as published where the policy does not say otherwise.</summary>
public sealed record PicPqPolicy
{
    /// <summary>ρ: a layer that retains the share r of its weight mass loses ⌈ρ / r⌉ bits.</summary>
    public double Penalty { get; init; } = 1.0 / 6;

    /// <summary>B_max by depth: one number for each of as many equal parts of the layers between the first and the last.</summary>
    public IReadOnlyList<int> MostBits { get; init; } = Published;

    private static readonly IReadOnlyList<int> Published = [8, 6, 4];
}
