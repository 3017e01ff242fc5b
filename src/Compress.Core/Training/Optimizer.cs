using Compress.Policy;

namespace Compress.Training;

/// <summary>One step of all parameters: Adam (arXiv 1412.6980) with decoupled decay, or SGD with momentum, both in each parameter's own unit.</summary>
internal sealed class Optimizer(OptimizerKind kind, double decay)
{
    private const float First = 0.9f, Second = 0.999f, Momentum = 0.9f, Tiny = 1e-8f;

    private int steps;

    /// <param name="number">Steps that were taken before.</param>
    public void Step(IReadOnlyList<Parameter> parameters, int number, double rate)
    {
        steps = number + 1;
        foreach (var parameter in parameters)
        {
            if (kind == OptimizerKind.Adam) Adam(parameter, (float)rate);
            else Sgd(parameter, (float)rate);
        }
    }

    private void Adam(Parameter p, float rate)
    {
        var (mean, square) = (1 - MathF.Pow(First, steps), 1 - MathF.Pow(Second, steps));
        for (var row = 0; row < p.Unit.Length; row++)
        {
            var step = rate * p.Unit[row] / mean;
            for (var i = row * p.RowLength; i < (row + 1) * p.RowLength; i++)
            {
                var g = p.Gradient[i];
                p.Mean[i] += (1 - First) * (g - p.Mean[i]);
                p.Square[i] += (1 - Second) * ((g * g) - p.Square[i]);
                p.Values[i] -= step * (p.Pace?[i] ?? 1) * p.Mean[i] / (MathF.Sqrt(p.Square[i] / square) + Tiny);
            }
        }
        Decay(p, rate);
    }

    /// <summary>A number counts in its unit u, so its gradient counts u-fold, and its step again.</summary>
    private void Sgd(Parameter p, float rate)
    {
        for (var row = 0; row < p.Unit.Length; row++)
        {
            var scale = rate * p.Unit[row] * p.Unit[row];
            for (var i = row * p.RowLength; i < (row + 1) * p.RowLength; i++)
            {
                p.Mean[i] = (Momentum * p.Mean[i]) + p.Gradient[i];
                p.Values[i] -= scale * (p.Pace?[i] ?? 1) * p.Mean[i];
            }
        }
        Decay(p, rate);
    }

    private void Decay(Parameter p, float rate)
    {
        if (decay == 0 || !p.Decays) return;
        var kept = 1 - (rate * (float)decay);
        foreach (ref var value in p.Values.AsSpan()) value *= kept;
    }
}
