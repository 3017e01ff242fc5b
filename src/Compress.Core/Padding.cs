using Compress.Apply;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Runtime;

namespace Compress;

/// <summary>
/// Sequences are padded to one length, and a mask tells the model to pass over the padding. Fitted to, it would count as much as what was said, so it is cut
/// off: samples of like length together, each batch as long as its longest. Only done where the model itself shows on a run that it makes no difference.
/// </summary>
internal static class Padding
{
    private const int BatchSize = 16;

    /// <summary>The largest difference of an output, relative to its largest value, that counts as rounding.</summary>
    private const double Rounding = 1e-3;

    /// <summary>The same samples in other batches, or these where they have no padding of this kind.</summary>
    public static IReadOnlyList<Batch> CutOff(OnnxModel model, IReadOnlyList<Batch> samples)
    {
        if (samples.Count == 0 || Mask(model, samples) is not { } mask) return samples;
        var lengths = samples.Select(batch => Lengths(batch.Inputs[mask])).ToList();
        var order = lengths.SelectMany((own, b) => own.Select((length, n) => (Batch: b, Sample: n, Length: length))).OrderBy(one => one.Length).ToList();
        var trimmed = order.Chunk(BatchSize).Select(chunk => Join(samples, chunk)).ToList();
        return MakesNoDifference(model, samples, order[..Math.Min(BatchSize, order.Count)], trimmed[0]) ? trimmed : samples;
    }

    /// <summary>The input that is 1 up to a sample's length and 0 from there on, where all inputs are numbers [samples, positions] of any length.</summary>
    private static string? Mask(OnnxModel model, IReadOnlyList<Batch> samples)
    {
        var first = samples[0].Inputs;
        var open = model.Graph.Inputs.All(input => input.Type.TensorType.Shape is { Dim: [{ HasDimValue: false }, { HasDimValue: false }] });
        if (!open || first.Values.Any(tensor => !tensor.IsInteger || tensor.Rank != 2 || tensor.Dims[1] != first.Values.First().Dims[1])) return null;
        return first.Keys.Order(StringComparer.Ordinal).FirstOrDefault(name =>
            samples.All(batch => IsMask(batch.Inputs[name])) && samples.Any(batch => batch.Inputs[name].Integers().Contains(0)));
    }

    private static bool IsMask(Tensor tensor)
    {
        var width = (int)tensor.Dims[1];
        return tensor.Integers().Select((value, i) => (value, i)).All(entry => entry.value == 1 || (entry.value == 0 && entry.i % width > 0))
            && tensor.Integers().Chunk(width).All(row => row.SequenceEqual(row.OrderDescending()));
    }

    private static IEnumerable<int> Lengths(Tensor mask) => mask.Integers().Chunk((int)mask.Dims[1]).Select(row => (int)row.Sum());

    private static Batch Join(IReadOnlyList<Batch> samples, IReadOnlyList<(int Batch, int Sample, int Length)> chosen)
    {
        int[] positions = [.. Enumerable.Range(0, chosen.Max(one => one.Length))];
        return Rows(samples, chosen, name => tensor => TensorSlices.Take(tensor, 1, positions));
    }

    private static Batch Rows(IReadOnlyList<Batch> samples, IReadOnlyList<(int Batch, int Sample, int Length)> chosen, Func<string, Func<Tensor, Tensor>> cut)
    {
        Tensor Stacked(string name)
        {
            var rows = chosen.Select(one => cut(name)(TensorSlices.Take(samples[one.Batch].Inputs[name], 0, [one.Sample]))).ToList();
            return new Tensor(rows[0].Type, [chosen.Count, .. rows[0].Dims[1..]], [.. rows.SelectMany(row => row.Raw.ToArray())]);
        }
        return new Batch(samples[0].Inputs.Keys.ToDictionary(name => name, Stacked), new Dictionary<string, Tensor>(), chosen.Count);
    }

    /// <summary>Null: somewhere inside, the model counts on the full length.</summary>
    private static IReadOnlyDictionary<string, Tensor>? Run(Session session, Batch batch)
    {
        try
        {
            return session.Run(batch.Inputs);
        }
        catch (CompressionException)
        {
            return null;
        }
    }

    private static bool MakesNoDifference(OnnxModel model, IReadOnlyList<Batch> samples, IReadOnlyList<(int Batch, int Sample, int Length)> chosen, Batch trimmed)
    {
        using var session = new Session(model, new SessionSettings());
        var whole = session.Run(Rows(samples, chosen, _ => tensor => tensor).Inputs);
        return Run(session, trimmed) is { } cut && whole.All(output => output.Value is { IsFloat: true } full && cut[output.Key] is var own && full.Dims.SequenceEqual(own.Dims)
            && full.Floats().Zip(own.Floats(), (a, b) => Math.Abs(a - b)).Max() <= Rounding * full.Floats().Max(Math.Abs));
    }
}
