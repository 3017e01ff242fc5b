using Compress.Analysis;

namespace Compress.Apply;

/// <summary>
/// AdaRound (Nagel et al. 2020) on a layer's second moments: whether each weight rounds down or up is learned as h(v) = clip(1.2·σ(v) − 0.1, 0, 1),
/// minimising (w − q)ᵀ H (w − q) + λ Σ (1 − |2h − 1|^β) with Adam, β falling from 20 to 2. The moments hold all that the samples say, so a step needs no data.
/// </summary>
internal static class LearnedRounding
{
    private const int Steps = 400;
    private const double WarmUp = 0.2, Strength = 0.01, Rate = 0.05;

    /// <param name="weights">[rows, columns], row-major.</param>
    /// <param name="covariance">Damped input covariance [columns, columns].</param>
    public static RoundedWeights Round(ReadOnlySpan<double> weights, int rows, int columns, int rowsPerScale, int bits, WeightGrid grid, double[] covariance, GramKernel kernel)
    {
        var nearest = NearestRounding.Round(weights, rows, columns, rowsPerScale, bits, grid);
        var (n, h) = (rows * columns, Array.ConvertAll(covariance, value => (float)value));
        // Columns first, so that H times the residual is one product.
        var (floor, v, scale, w) = (new double[n], new double[n], new double[n], new double[n]);
        WeightGrid[] grids = [.. Enumerable.Range(0, rows).Select(r => grid.At(r / rowsPerScale))];
        double Bounded(int at, double code) => Math.Clamp(code, grids[at % rows].Low, grids[at % rows].High);
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++)
            {
                var at = (c * rows) + r;
                (w[at], scale[at]) = (weights[(r * columns) + c], nearest.Scales[r / rowsPerScale]);
                floor[at] = Math.Floor(w[at] / scale[at]);
                var rest = Math.Clamp((w[at] / scale[at]) - floor[at], 0.01, 0.99);
                v[at] = -Math.Log((1.2 / (rest + 0.1)) - 1);
            }
        double energy = 1e-12;
        for (var c = 0; c < columns; c++) energy += covariance[(c * columns) + c] / columns;
        var (first, second, residual) = (new double[n], new double[n], new float[n]);
        for (var step = 1; step <= Steps; step++)
        {
            for (var i = 0; i < n; i++) residual[i] = (float)(w[i] - (Bounded(i, floor[i] + Gate(v[i])) * scale[i]));
            var product = kernel.TransposedTimes(h, residual, columns, columns, rows);
            var progress = (step / (double)Steps - WarmUp) / (1 - WarmUp);
            var beta = 2 + (18 * (1 - Math.Clamp(progress, 0, 1)));
            for (var i = 0; i < n; i++)
            {
                var (gate, slope) = (Gate(v[i]), Slope(v[i]));
                // In units of the scale, so that one rate fits every layer.
                var gradient = -2 * product[i] * slope / (scale[i] * energy);
                if (progress > 0)
                {
                    var distance = (2 * gate) - 1;
                    gradient -= Strength * 2 * beta * Math.Sign(distance) * Math.Pow(Math.Abs(distance), beta - 1) * slope;
                }
                first[i] = (0.9 * first[i]) + (0.1 * gradient);
                second[i] = (0.999 * second[i]) + (0.001 * gradient * gradient);
                v[i] -= Rate * (first[i] / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(second[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
            }
        }
        var codes = new sbyte[n];
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++)
                codes[(r * columns) + c] = (sbyte)Bounded((c * rows) + r, floor[(c * rows) + r] + (Gate(v[(c * rows) + r]) >= 0.5 ? 1 : 0));
        return nearest with { Codes = codes };
    }

    private static double Gate(double v) => Math.Clamp((1.2 / (1 + Math.Exp(-v))) - 0.1, 0, 1);

    private static double Slope(double v)
    {
        var sigmoid = 1 / (1 + Math.Exp(-v));
        var raw = (1.2 * sigmoid) - 0.1;
        return raw is > 0 and < 1 ? 1.2 * sigmoid * (1 - sigmoid) : 0;
    }
}
