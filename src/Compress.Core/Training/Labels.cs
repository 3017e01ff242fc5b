using Compress.Analysis;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Gradients;
using Compress.Graph;

namespace Compress.Training;

/// <summary>
/// What is known of the samples besides the float model's outputs: class numbers for the first output, one a sample or one at each position; or values of
/// the output's own shape. Nothing is known where a class number is negative or a value is NaN, such as the box of a detector in the cells that have no object.
/// </summary>
/// <param name="Array">The array that has them.</param>
/// <param name="AreClasses">Cross entropy is learned from; else the squared error.</param>
/// <param name="Output">Dimensions of the first output in float32 for one sample, that axis included.</param>
/// <param name="Scale">Factor of values.</param>
/// <param name="At">Where the policy names the array.</param>
public sealed record Labels(string Array, bool AreClasses, IReadOnlyList<long> Output, float Scale = 1, SourceLocation? At = null)
{
    private const string Input = "train.labels";
    private const string Known = "train.labels.known";

    /// <summary>They stay true when an image is shifted: labels of positions would have to move with it.</summary>
    public bool AreOfWholeSamples => AreClasses && Output.Count == 2;

    /// <param name="at">Where the policy names the array.</param>
    /// <exception cref="CompressionException">CMP3029: neither classes nor values of the output.</exception>
    public static Labels Of(string array, OnnxModel model, IDataset data, float scale = 1, SourceLocation? at = null)
    {
        var batch = data.Read(0, 1, 1).First();
        var output = Taught.OutputsOf(model.Graph, scores: null) is [var first, ..] ? ObservedShapes.Observe(model, batch.Inputs)[first].Dims : [];
        var (labels, size) = (batch.Extras[array], output.Length > 0 ? Tensor.ElementCount(output) / batch.Samples : 0);
        var perSample = labels.Count / (double)batch.Samples;
        long[] one = [1, .. output.Skip(1)];
        var classes = one[ClassAxis.Of(one.Length)];
        if (classes > 1 && perSample * classes == size && labels.Floats().All(IsNumber)) return new Labels(array, true, one, At: at);
        return size > 0 && perSample == size ? new Labels(array, false, one, scale, at) : throw Codes.LabelsNotLearnable(array, output, at).Error();
    }

    /// <summary>The loss behind the model, a mean over all that is known.</summary>
    /// <param name="output">The first output, or logits that it is made from.</param>
    /// <param name="weight">Of a squared error.</param>
    internal (string Loss, float Weight) AddLoss(OnnxGraph graph, string output, float weight) => AreClasses
        ? (Losses.CrossEntropy(graph, output, Input, Output.Count), 1)
        : (Losses.MeanSquareOf(graph, output, Input, Known, Output.Count), weight);

    /// <summary>Puts the labels of some samples where the loss reads them.</summary>
    /// <exception cref="CompressionException">CMP3030: a class that the output does not have.</exception>
    internal void Feed(Dictionary<string, Tensor> feed, Batch batch)
    {
        if (AreClasses)
        {
            feed[Input] = Tensor.Of(Numbers(batch.Extras[Array].Floats()), Dims(batch));
            return;
        }
        var values = Values(batch);
        var dims = Dims(batch);
        var known = values.Count(float.IsFinite);
        feed[Input] = Tensor.Of(System.Array.ConvertAll(values, value => float.IsFinite(value) ? value : 0), dims);
        feed[Known] = Tensor.Of(System.Array.ConvertAll(values, value => float.IsFinite(value) ? (float)values.Length / known : 0), dims);
    }

    /// <summary>A feed of the right shape.</summary>
    internal void FeedZeros(Dictionary<string, Tensor> feed, Batch batch)
    {
        var dims = Dims(batch);
        feed[Input] = AreClasses ? Tensor.Of(new long[Tensor.ElementCount(dims)], dims) : Tensor.Of(new float[Tensor.ElementCount(dims)], dims);
        if (!AreClasses) feed[Known] = feed[Input];
    }

    /// <summary>What is not known becomes the number behind the last class, which is one of no class to OneHot; it would count negative ones from the end.</summary>
    private long[] Numbers(float[] classes)
    {
        var count = Output[ClassAxis.Of(Output.Count)];
        foreach (var number in classes.Where(number => number >= count || !IsNumber(number))) throw Codes.ClassOutOfRange(Array, number, count, At).Error();
        return System.Array.ConvertAll(classes, number => number >= 0 ? (long)number : count);
    }

    /// <summary>Of a class, also where a file has no integers; negative or NaN: not known.</summary>
    private static bool IsNumber(float number) => float.IsInteger(number) || float.IsNaN(number);

    /// <summary>Those of the first sample's output, however the array has its axes; its own where samples have several sizes.</summary>
    private long[] Dims(Batch batch)
    {
        var axis = AreClasses ? ClassAxis.Of(Output.Count) : 0;
        long[] dims = [batch.Samples, .. Output.Where((_, i) => i > 0 && i != axis)];
        var given = batch.Extras[Array].Dims;
        return given.Length != dims.Length || given.Where(IsLong).SequenceEqual(dims.Where(IsLong)) ? dims : given;
        static bool IsLong(long dim) => dim != 1;
    }

    /// <summary>All values of some samples; not finite: not known.</summary>
    internal float[] Values(Batch batch) => System.Array.ConvertAll(batch.Extras[Array].Floats(), value => value * Scale);
}
