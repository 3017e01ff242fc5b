using System.Numerics.Tensors;

namespace Compress.Search.Solvers;

/// <summary>A small network of dense layers with ReLU between them, trained by Adam (Kingma, Ba). Batches are summed in order: the same seed gives the same weights.</summary>
public sealed class Perceptron
{
    private const double Decay1 = 0.9, Decay2 = 0.999, Tiny = 1e-8;

    private readonly int[] widths;
    private readonly bool gated;
    private readonly double[][] weights, gradients, first, second; // a layer: [outputs, inputs + 1], the bias last
    private int steps;

    /// <param name="widths">Of the input, of each hidden layer and of the output.</param>
    /// <param name="gated">The output passes a sigmoid.</param>
    public Perceptron(int[] widths, bool gated, Random random)
    {
        (this.widths, this.gated) = (widths, gated);
        weights = [.. Enumerable.Range(0, widths.Length - 1).Select(l => Enumerable.Range(0, widths[l + 1] * (widths[l] + 1)).Select(_ => ((2 * random.NextDouble()) - 1) / Math.Sqrt(widths[l])).ToArray())];
        (gradients, first, second) = (Zeros(), Zeros(), Zeros());
    }

    /// <summary>A network of the same weights.</summary>
    public Perceptron Clone()
    {
        var clone = new Perceptron(widths, gated, new Random(0));
        for (var l = 0; l < weights.Length; l++) weights[l].CopyTo(clone.weights[l], 0);
        return clone;
    }

    /// <summary>What every layer gives; the input first, the output last.</summary>
    public double[][] Run(double[] input)
    {
        var values = new double[widths.Length][];
        values[0] = input;
        for (var l = 0; l < weights.Length; l++)
        {
            values[l + 1] = new double[widths[l + 1]];
            for (var o = 0; o < values[l + 1].Length; o++)
            {
                var row = weights[l].AsSpan(o * (widths[l] + 1), widths[l] + 1);
                var sum = row[^1] + TensorPrimitives.Dot(row[..^1], values[l]);
                values[l + 1][o] = l + 1 < weights.Length ? Math.Max(0, sum) : gated ? 1 / (1 + Math.Exp(-sum)) : sum;
            }
        }
        return values;
    }

    /// <summary>Adds a sample's gradient to those of the batch.</summary>
    /// <param name="values">Of <see cref="Run"/>.</param>
    /// <param name="slope">Derivative of the loss by each output.</param>
    /// <returns>Derivative of the loss by each input.</returns>
    public double[] Backward(double[][] values, double[] slope)
    {
        if (gated) slope = [.. slope.Zip(values[^1], (s, y) => s * y * (1 - y))];
        for (var l = weights.Length - 1; l >= 0; l--)
        {
            var (stride, before) = (widths[l] + 1, new double[widths[l]]);
            for (var o = 0; o < slope.Length; o++)
            {
                if (slope[o] == 0) continue;
                var sums = gradients[l].AsSpan(o * stride, stride);
                TensorPrimitives.MultiplyAdd(values[l], slope[o], sums[..^1], sums[..^1]);
                sums[^1] += slope[o];
                TensorPrimitives.MultiplyAdd(weights[l].AsSpan(o * stride, stride - 1), slope[o], before, before);
            }
            if (l > 0)
                for (var i = 0; i < before.Length; i++)
                    if (values[l][i] <= 0) before[i] = 0;
            slope = before;
        }
        return slope;
    }

    /// <summary>One step of Adam along the mean gradient of the batch; forgets the batch.</summary>
    public void Step(double rate, int batch)
    {
        steps++;
        var (bias1, bias2) = (1 - Math.Pow(Decay1, steps), 1 - Math.Pow(Decay2, steps));
        for (var l = 0; l < weights.Length; l++)
            for (var i = 0; i < weights[l].Length; i++)
            {
                var gradient = gradients[l][i] / batch;
                first[l][i] = (Decay1 * first[l][i]) + ((1 - Decay1) * gradient);
                second[l][i] = (Decay2 * second[l][i]) + ((1 - Decay2) * gradient * gradient);
                weights[l][i] -= rate * (first[l][i] / bias1) / (Math.Sqrt(second[l][i] / bias2) + Tiny);
            }
        Forget();
    }

    /// <summary>Drops the gradients of a batch.</summary>
    public void Forget()
    {
        foreach (var layer in gradients) Array.Clear(layer);
    }

    /// <summary>Moves every weight a share of the way to another network's.</summary>
    public void Follow(Perceptron other, double share)
    {
        for (var l = 0; l < weights.Length; l++)
            for (var i = 0; i < weights[l].Length; i++)
                weights[l][i] += share * (other.weights[l][i] - weights[l][i]);
    }

    private double[][] Zeros() => Array.ConvertAll(weights, layer => new double[layer.Length]);
}
