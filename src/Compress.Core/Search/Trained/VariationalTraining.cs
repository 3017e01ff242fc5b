using Compress.Analysis;
using Compress.Graph;
using Compress.Policy;
using Compress.Training;

namespace Compress.Search.Trained;

/// <summary>
/// QAP / UVNQ (Gil et al. 2022) in its trained form: the network is trained with a dropout rate α on each output channel or each weight, bounded and weighed as
/// published; channels and bits are read off what was learned (<see cref="QapMethod"/>), the budget being held by one factor on all α. Weights whose own α is beyond
/// that of 0 bits become zero. The paper ends there; here the second half of the time trains the quantized network, as all methods here do.
/// </summary>
internal sealed class VariationalTraining : ITrainedForm
{
    private const double Noise = 0.5;

    public TrainedPlan Run(TrainingCourse course)
    {
        var search = course.Search;
        if (!search.Facts.HasSamples) return new PlanThenTrain().Run(course);
        var policy = search.Policy.Qap ?? new QapPolicy();
        var perWeight = policy.Noise == NoiseUnit.Weight;
        var most = search.Policy.Quantize.Weights.Where(bits => bits <= 8).DefaultIfEmpty(8).Max() + policy.Guard;
        VariationalDropout? dropout = null;
        var learned = course.LearnFloat("with noise on its weights", search, [], Noise, layers => dropout = new VariationalDropout(layers, perWeight, most, course.Data.Count, search.Facts.Shapes));

        var rates = dropout!.Rates();
        if (perWeight) learned = WithZeros(search.Facts, learned, rates);
        var context = course.From(learned);
        var channels = rates.ToDictionary(rate => rate.Key, rate => perWeight ? LearnedNoise.OfChannels(rate.Value, Matrix(context.Facts, rate.Key)) : rate.Value, StringComparer.Ordinal);
        var found = new QapMethod(new LearnedNoise(channels, VariationalDropout.LastWeight / course.Data.Count)).Search(context);
        return new TrainedPlan(null, found.Plan, course.Learn("the plan", context, found, 1 - Noise));
    }

    private static Learned WithZeros(ModelFacts facts, Learned learned, IReadOnlyDictionary<string, double[]> rates) => learned with
    {
        Exact = facts.Layers.ToDictionary(layer => layer.Name, layer =>
        {
            var (weights, own) = (learned.Exact[layer.Name], rates[layer.Name]);
            float[] kept = [.. WeightMatrix.Of(layer, weights).Values.Select((weight, i) => own[i] > DropoutRate.Threshold ? 0 : weight)];
            return Tensor.Of(WeightMatrix.ToTensorLayout(layer, weights.Dims, kept), weights.Dims);
        }, StringComparer.Ordinal),
    };

    private static WeightMatrix Matrix(ModelFacts facts, string name)
    {
        var layer = facts.Layers.First(layer => layer.Name == name);
        return WeightMatrix.Of(layer, facts.Model.Graph.Constants[layer.Weight]);
    }
}
