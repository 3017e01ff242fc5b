using Compress.Policy;
using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>Adam and SGD with momentum, number by number in double precision, each number in its unit and at its pace.</summary>
[TestClass]
public sealed class OptimizerTests
{
    private const int Rows = 7, RowLength = 19, Steps = 12;
    private const double Rate = 0.01, Decay = 0.1;

    [TestMethod]
    [DataRow(OptimizerKind.Adam, false)]
    [DataRow(OptimizerKind.Adam, true)]
    [DataRow(OptimizerKind.Sgd, false)]
    [DataRow(OptimizerKind.Sgd, true)]
    public void Steps_are_those_of_the_formula(OptimizerKind kind, bool hasPace)
    {
        var random = new Random(3);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        var parameter = new Parameter(Draw(Rows * RowLength), [.. Draw(Rows).Select(value => 1 + value)], Decays: true) { Pace = hasPace ? Draw(Rows * RowLength) : null };
        var still = new Parameter(Draw(1), [1]); // its gradient stays zero, and it does not decay
        var before = still.Values[0];
        var optimizer = new Optimizer(kind, Decay);
        double[] values = [.. parameter.Values], mean = new double[values.Length], square = new double[values.Length];

        for (var step = 0; step < Steps; step++)
        {
            Draw(values.Length).CopyTo(parameter.Gradient, 0);
            optimizer.Step([parameter, still], step, Rate);
            for (var i = 0; i < values.Length; i++)
            {
                double gradient = parameter.Gradient[i], unit = parameter.Unit[i / RowLength], pace = parameter.Pace?[i] ?? 1;
                if (kind == OptimizerKind.Adam)
                {
                    mean[i] = (0.9 * mean[i]) + (0.1 * gradient);
                    square[i] = (0.999 * square[i]) + (0.001 * gradient * gradient);
                    values[i] -= Rate * unit * pace * mean[i] / (1 - Math.Pow(0.9, step + 1)) / (Math.Sqrt(square[i] / (1 - Math.Pow(0.999, step + 1))) + 1e-8);
                }
                else
                {
                    mean[i] = (0.9 * mean[i]) + gradient;
                    values[i] -= Rate * unit * unit * pace * mean[i];
                }
                values[i] *= 1 - (Rate * Decay);
            }
        }

        for (var i = 0; i < values.Length; i++) Assert.AreEqual(values[i], parameter.Values[i], 1e-5);
        Assert.AreEqual(before, still.Values[0]);
    }
}
