using System.Globalization;

namespace Compress.Evaluate;

/// <summary>A metric's value for people: with enough digits to tell 0.9999 from 1 and a small error from none.</summary>
public static class MetricText
{
    /// <summary>Beyond these decimals a double holds rounding.</summary>
    private const int Decimals = 12;

    public static string Of(double value) =>
        double.IsFinite(value) ? Math.Round(value, Decimals).ToString(Math.Abs(value) >= 10 ? "0.####" : "G5", CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);
}
