namespace Compress.Analysis;

/// <summary>
/// Quantization-aware pruning by variational dropout (UVNQ): a weight carries Gaussian noise of variance α θ². What noise it bears says how many bits it
/// needs: b bits over the range ±βσ are noise of α_b = α_0 / 4^b with α_0 = β²/3, and a weight that bears more than α_0 needs none.
/// </summary>
public static class DropoutRate
{
    /// <summary>Range of the grid in standard deviations, as published.</summary>
    public const double Beta = 1.5;

    /// <summary>Noise of a weight that is not stored at all.</summary>
    public const double Threshold = Beta * Beta / 3;

    /// <summary>Largest ln α, as published.</summary>
    public const double LargestLog = 8;

    private const double SmallestLog = -60;
    private const double K1 = 0.63576, K2 = 1.8732, K3 = 1.48695;

    /// <summary>Divergence of the noise from the log-uniform prior, the published fit: −KL = k1·sigmoid(k2 + k3 ln α) − ½ ln(1 + 1/α) − k1.</summary>
    public static double Divergence(double alpha) => K1 - (K1 * Sigmoid(K2 + (K3 * Math.Log(alpha)))) + (0.5 * Math.Log(1 + (1 / alpha)));

    /// <summary>
    /// The noise at which ½·s·α + KL(α) is least, for fixed weights and a loss expanded to second order. The one root of the derivative, by bisection in ln α;
    /// about 1/s for large s.
    /// </summary>
    /// <param name="saliency">s = N_d·Σ Hθ² / (ω·n): curvature times squared weight, against the weight of the prior.</param>
    public static double Best(double saliency)
    {
        var (low, high) = (SmallestLog, LargestLog);
        for (var i = 0; i < 80; i++)
        {
            var middle = (low + high) / 2;
            if (Slope(saliency, middle) < 0) low = middle;
            else high = middle;
        }
        return Math.Exp((low + high) / 2);
    }

    /// <summary>The smallest noise that counts: finer than <paramref name="most"/> + <paramref name="guard"/> bits would be wasted.</summary>
    /// <param name="guard">0 as the paper says; 2 as its code does.</param>
    public static double Bound(int most, int guard = 0) => Threshold / Math.Pow(4, most + guard);

    /// <summary>0 for a weight that goes; else the fewest bits, 1 to <paramref name="most"/>, whose noise stays below what the weight bears.</summary>
    public static int Bits(double alpha, int most) => alpha > Threshold ? 0
        : Math.Clamp((int)Math.Floor((Math.Log(Threshold / alpha) / Math.Log(4)) + 1e-12) + 1, 1, most);

    /// <summary>Derivative of <see cref="Divergence"/> by ln α.</summary>
    public static double Slope(double log)
    {
        var gate = Sigmoid(K2 + (K3 * log));
        return (-K1 * K3 * gate * (1 - gate)) - (0.5 / (1 + Math.Exp(log)));
    }

    /// <summary>Derivative of the objective by ln α.</summary>
    private static double Slope(double saliency, double log) => (0.5 * saliency * Math.Exp(log)) + Slope(log);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
