using Compress.Data;
using Compress.Runtime;

namespace Compress.Training;

/// <summary>Weights of squared errors: one over each value's variance on the first samples, so that values of any magnitude count alike.</summary>
internal static class ErrorWeights
{
    /// <summary>Share of the squared mean.</summary>
    private const double Negligible = 1e-6;

    /// <returns>By taught value, or by the array of labels that are values.</returns>
    public static IReadOnlyDictionary<string, float> Of(Session? teacher, Labels? labels, TrainingSet set, int leastSamples)
    {
        var sums = new Dictionary<string, (double Count, double Sum, double Squares)>(StringComparer.Ordinal);
        void Add(string name, IEnumerable<float> values)
        {
            var (count, sum, squares) = sums.GetValueOrDefault(name);
            foreach (var value in values.Where(float.IsFinite)) (count, sum, squares) = (count + 1, sum + value, squares + (value * (double)value));
            sums[name] = (count, sum, squares);
        }

        var samples = 0;
        foreach (var shard in set.Epoch(0, 0).TakeWhile(_ => samples < leastSamples))
        {
            samples += shard.Samples;
            if (teacher is not null)
                foreach (var (name, tensor) in teacher.Run(shard.Inputs)) Add(name, tensor.Floats());
            if (labels is { AreClasses: false }) Add(labels.Array, labels.Values(shard));
        }
        return sums.ToDictionary(entry => entry.Key, entry => Weight(entry.Value.Count, entry.Value.Sum, entry.Value.Squares), StringComparer.Ordinal);
    }

    private static float Weight(double count, double sum, double squares)
    {
        if (count == 0 || squares == 0) return 1;
        var (mean, variance) = (sum / count, (squares / count) - (sum / count * (sum / count)));
        // Values that are all alike so far say nothing about how far others will be away; their magnitude does.
        return (float)(1 / (variance > Negligible * mean * mean ? variance : squares / count));
    }
}
