namespace Compress.Plan;

/// <summary>
/// An affine grid for an activation: x ≈ (q − ZeroPoint) · Scale, q in [0, 2^Bits − 1]. Up to 8 bits q is stored in uint8 (coarser grids use its
/// low end), 16 bits in uint16. ONNX QuantizeLinear 10–24.
/// </summary>
public sealed record Quantizer(float Scale, int ZeroPoint, int Bits)
{
    /// <summary>
    /// The grid is taken from every input as the model runs (DynamicQuantizeLinear 11, always 8 bits): it covers the least and the largest value of the whole
    /// tensor. Scale and zero point are those of the calibration then, which no arithmetic uses.
    /// </summary>
    public bool IsDynamic { get; init; }

    public int Top => (1 << Bits) - 1;

    public double Low => -ZeroPoint * (double)Scale;

    public double High => (Top - ZeroPoint) * (double)Scale;

    /// <summary>The grid that covers [low, high]; zero is always one of its points.</summary>
    public static Quantizer Covering(double low, double high, int bits)
    {
        low = Math.Min(low, 0);
        high = Math.Max(high, 0);
        var top = (1 << bits) - 1;
        var scale = (float)Math.Max((high - low) / top, 1e-12);
        if (high == low) return new Quantizer(1f / top, 0, bits);
        return new Quantizer(scale, (int)Math.Clamp(Math.Round(-low / scale), 0, top), bits);
    }
}
