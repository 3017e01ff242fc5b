using System.Numerics.Tensors;
using Compress.Runtime;

namespace Compress.Analysis;

/// <summary>A layer that reads the channels of a group.</summary>
/// <param name="Weights">Its matrix, row-major [moments.Targets, moments.Columns].</param>
/// <param name="Columns">For each channel of the group, its columns.</param>
/// <param name="Importance">What one unit of squared error at the layer's output counts.</param>
public sealed record ChannelReader(Moments Moments, double[] Weights, IReadOnlyList<int[]> Columns, double Importance);

/// <summary>The order in which a group's channels go, and what has been lost after each.</summary>
/// <param name="Order">Channels, the first to go first; the last one is not in it.</param>
/// <param name="Cost">Loss once the first i + 1 channels are gone.</param>
public sealed record Elimination(int[] Order, double[] Cost)
{
    /// <summary>Loss once the last channel is gone too; infinite where that is not known.</summary>
    public double Whole { get; init; } = double.PositiveInfinity;

    /// <summary>The channels that stay when <paramref name="removed"/> have gone, ascending.</summary>
    public int[] Kept(int removed, int channels) => removed == channels ? [] : [.. Enumerable.Range(0, channels).Except(Order.Take(removed))];

    public double CostOf(int removed) => removed == 0 ? 0 : removed > Cost.Length ? Whole : Cost[removed - 1];

    /// <summary>The same order with costs that agree with what was measured after some removals; between those, the computed costs are scaled alike.</summary>
    /// <param name="measured">Channels gone, ascending, and the damage by then.</param>
    public Elimination Agreeing(IReadOnlyList<(int Gone, double Damage)> measured)
    {
        var factors = measured.Where(point => CostOf(point.Gone) > 0).Select(point => (point.Gone, Factor: point.Damage / CostOf(point.Gone))).ToList();
        if (factors.Count == 0) return this;
        var (costs, least) = (new double[Cost.Length], 0.0);
        for (var i = 0; i < costs.Length; i++)
        {
            var (below, above) = (factors.LastOrDefault(point => point.Gone <= i + 1, factors[0]), factors.FirstOrDefault(point => point.Gone > i + 1, factors[^1]));
            var part = above.Gone == below.Gone ? 0 : (i + 1.0 - below.Gone) / (above.Gone - below.Gone);
            costs[i] = least = Math.Max(least, Cost[i] * (below.Factor + (Math.Clamp(part, 0, 1) * (above.Factor - below.Factor))));
        }
        return this with { Cost = costs, Whole = Math.Max(least, Whole * factors[^1].Factor) };
    }
}

/// <summary>
/// Structured Optimal Brain Surgeon: removes one channel after the other, always the one whose loss is least when every reader's other weights move to
/// make up for it: Σ_rows w_S (H⁻¹_SS)⁻¹ w_Sᵀ over the channel's columns S (Hassibi; Kurtic et al., ZipLM). Exact for squared error at the readers.
/// </summary>
public static class ChannelElimination
{
    /// <summary>Multiplications that may be spent on exactness; where it would take more, several channels go at a time.</summary>
    private const double MostWork = 6e9;

    /// <summary>For each channel, the loss when it alone goes.</summary>
    public static double[] Losses(int channels, IReadOnlyList<ChannelReader> readers)
    {
        var states = readers.Select(reader => new State(reader)).ToList();
        var losses = new double[channels];
        Parallel.For(0, channels, Concurrent.Fine, channel => losses[channel] = states.Sum(state => state.Loss(channel)));
        return losses;
    }

    /// <summary>What is lost when the channels go in an order that is given; the last of it stays.</summary>
    public static Elimination Along(int[] order, IReadOnlyList<ChannelReader> readers, CancellationToken cancellation = default)
    {
        var states = readers.Select(reader => new State(reader)).ToList();
        var (costs, total) = (new double[order.Length - 1], 0.0);
        for (var i = 0; i < costs.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            costs[i] = total += states.Sum(state => state.Loss(order[i]));
            foreach (var state in states) state.Remove(order[i]);
        }
        return new Elimination(order[..^1], costs);
    }

    /// <param name="after">Told after each step how many channels have gone, and where the readers' weights are by then.</param>
    public static Elimination Of(int channels, IReadOnlyList<ChannelReader> readers, CancellationToken cancellation = default, Action<int, IReadOnlyList<double[]>>? after = null)
    {
        var states = readers.Select(reader => new State(reader)).ToList();
        var alive = Enumerable.Range(0, channels).ToList();
        var (order, costs, total) = (new List<int>(), new List<double>(), 0.0);
        // Removing a channel moves the inverse and the weights along all of its columns.
        var work = readers.Sum(reader => (double)reader.Moments.Columns * reader.Moments.Columns * (reader.Moments.Columns + reader.Moments.Targets));
        var atOnce = work > MostWork ? Math.Max(1, channels / 48) : 1;
        while (alive.Count > 1)
        {
            cancellation.ThrowIfCancellationRequested();
            var losses = new double[alive.Count];
            Parallel.For(0, alive.Count, Concurrent.Fine, i => losses[i] = states.Sum(state => state.Loss(alive[i])));
            var leaving = Enumerable.Range(0, alive.Count).OrderBy(i => losses[i]).ThenBy(i => i).Take(Math.Min(atOnce, alive.Count - 1)).Select(i => (Channel: alive[i], Loss: losses[i])).ToList();
            foreach (var (channel, loss) in leaving)
            {
                total += loss;
                order.Add(channel);
                costs.Add(total);
                alive.Remove(channel);
                foreach (var state in states) state.Remove(channel);
            }
            after?.Invoke(order.Count, [.. states.Select(state => state.Weights)]);
        }
        total += states.Sum(state => state.Loss(alive[0]));
        foreach (var state in states) state.Remove(alive[0]);
        after?.Invoke(channels, [.. states.Select(state => state.Weights)]);
        return new Elimination([.. order], [.. costs]) { Whole = total };
    }

    /// <summary>One reader while channels leave: its compensated weights and the inverse of its input covariance.</summary>
    private sealed class State
    {
        private readonly ChannelReader reader;
        private readonly int d, m;
        private readonly double[] w, inverse;

        public State(ChannelReader reader)
        {
            this.reader = reader;
            (d, m) = (reader.Moments.Columns, reader.Moments.Targets);
            w = (double[])reader.Weights.Clone();
            var identity = new double[d * d];
            for (var i = 0; i < d; i++) identity[(i * d) + i] = 1;
            inverse = Cholesky.Damped(reader.Moments.Covariance, d, reader.Moments.Damping).Factor.Solve(identity, d);
        }

        public double[] Weights => w;

        public double Loss(int channel)
        {
            var s = reader.Columns[channel];
            var block = Block(s);
            double loss = 0;
            var right = new double[s.Length * m];
            for (var i = 0; i < s.Length; i++)
                for (var r = 0; r < m; r++)
                    right[(i * m) + r] = w[(r * d) + s[i]];
            var solved = block.Solve(right, m);
            for (var i = 0; i < right.Length; i++) loss += right[i] * solved[i];
            return loss * reader.Importance;
        }

        public void Remove(int channel)
        {
            var s = reader.Columns[channel];
            var block = Block(s);
            // A = (H⁻¹_SS)⁻¹ H⁻¹_S,: — both the weights and the inverse move along its rows.
            var rows = new double[s.Length * d];
            for (var i = 0; i < s.Length; i++) inverse.AsSpan(s[i] * d, d).CopyTo(rows.AsSpan(i * d));
            var a = block.Solve(rows, d);
            Parallel.For(0, d + m, Concurrent.Fine, line =>
            {
                var target = line < d ? inverse.AsSpan(line * d, d) : w.AsSpan((line - d) * d, d);
                Span<double> factors = stackalloc double[s.Length];
                for (var i = 0; i < s.Length; i++) factors[i] = target[s[i]];
                for (var i = 0; i < s.Length; i++) TensorPrimitives.MultiplyAdd(a.AsSpan(i * d, d), -factors[i], target, target);
            });
            foreach (var i in s)
            {
                // Gone exactly, so that rounding does not bring it back.
                inverse.AsSpan(i * d, d).Clear();
                for (var row = 0; row < d; row++) inverse[(row * d) + i] = 0;
                for (var r = 0; r < m; r++) w[(r * d) + i] = 0;
            }
        }

        private Cholesky Block(int[] s)
        {
            var block = new double[s.Length * s.Length];
            double trace = 0;
            for (var i = 0; i < s.Length; i++)
            {
                for (var j = 0; j < s.Length; j++) block[(i * s.Length) + j] = inverse[(s[i] * d) + s[j]];
                trace += block[(i * s.Length) + i];
            }
            return Cholesky.Damped(block, s.Length, 1e-10 * trace / s.Length).Factor;
        }
    }
}
