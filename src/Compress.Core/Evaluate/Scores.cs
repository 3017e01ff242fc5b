namespace Compress.Evaluate;

/// <summary>The per-sample scores behind the metrics: each takes one sample's output and what it is compared with.</summary>
internal static class Scores
{
    /// <summary>Per cent of positions whose label is among the <paramref name="k"/> highest classes. Equal scores rank by class number; not-a-number is never right.</summary>
    public static double Top(SampleOutput output, ReadOnlySpan<float> labels, int k)
    {
        var right = 0;
        for (var position = 0; position < output.Positions; position++)
            if (Rank(output, position, (int)labels[position]) < k) right++;
        return 100.0 * right / output.Positions;
    }

    /// <summary>Per cent of positions where both outputs have the same highest class.</summary>
    public static double Agreement(SampleOutput output, SampleOutput reference)
    {
        var same = 0;
        for (var position = 0; position < output.Positions; position++)
            if (Highest(reference, position) is >= 0 and var best && Highest(output, position) == best) same++;
        return 100.0 * same / output.Positions;
    }

    /// <summary>Mean squared error over the sample's elements.</summary>
    public static double SquaredError(ReadOnlySpan<float> output, ReadOnlySpan<float> target, float scale = 1)
    {
        var sum = 0.0;
        for (var i = 0; i < output.Length; i++)
        {
            var error = (double)output[i] - (double)target[i] * scale;
            sum += error * error;
        }
        return sum / output.Length;
    }

    /// <summary>Cosine of the angle between the flattened outputs; two zero vectors are alike.</summary>
    public static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double dot = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }
        if (aa == 0 || bb == 0) return aa == bb ? 1 : 0;
        return dot / Math.Sqrt(aa * bb);
    }

    /// <summary>Kullback-Leibler divergence in nats of the softmax of <paramref name="output"/> from that of <paramref name="reference"/>, mean over positions.</summary>
    public static double Divergence(SampleOutput output, SampleOutput reference)
    {
        var sum = 0.0;
        for (var position = 0; position < output.Positions; position++)
        {
            var (p, q) = (LogPartition(reference, position), LogPartition(output, position));
            for (var c = 0; c < output.Classes; c++)
            {
                var logP = reference[position, c] - p;
                // A class that is masked out has no share: 0 · ln 0 is 0.
                if (!double.IsNegativeInfinity(logP)) sum += Math.Exp(logP) * (logP - (output[position, c] - q));
            }
        }
        return Math.Max(0, sum / output.Positions);
    }

    /// <summary>Intersection over union of two boxes given as centre x, centre y, width, height.</summary>
    public static double Overlap(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var width = Shared(a[0], a[2], b[0], b[2]);
        var height = Shared(a[1], a[3], b[1], b[3]);
        var union = (double)a[2] * a[3] + (double)b[2] * b[3] - width * height;
        return union > 0 ? width * height / union : 0;

        static double Shared(double centreA, double sizeA, double centreB, double sizeB) =>
            Math.Max(0, Math.Min(centreA + sizeA / 2, centreB + sizeB / 2) - Math.Max(centreA - sizeA / 2, centreB - sizeB / 2));
    }

    /// <summary>How many classes stand before <paramref name="label"/>; past the end when a score is not a number.</summary>
    private static int Rank(SampleOutput output, int position, int label)
    {
        var score = output[position, label];
        var before = 0;
        for (var c = 0; c < output.Classes; c++)
        {
            var other = output[position, c];
            if (float.IsNaN(other)) return int.MaxValue;
            if (other > score || (other == score && c < label)) before++;
        }
        return before;
    }

    private static int Highest(SampleOutput output, int position)
    {
        var best = 0;
        for (var c = 0; c < output.Classes; c++)
        {
            if (float.IsNaN(output[position, c])) return -1;
            if (output[position, c] > output[position, best]) best = c;
        }
        return best;
    }

    private static double LogPartition(SampleOutput output, int position)
    {
        double highest = double.NegativeInfinity, sum = 0;
        for (var c = 0; c < output.Classes; c++) highest = Math.Max(highest, output[position, c]);
        for (var c = 0; c < output.Classes; c++) sum += Math.Exp(output[position, c] - highest);
        return highest + Math.Log(sum);
    }
}
