using Compress.Data;
using Compress.Graph;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests;

/// <summary>Padding of token sequences is cut off before anything is fitted, and only where the model passes over it.</summary>
[TestClass]
public sealed class PaddingTests
{
    private static readonly int[] SampleLengths = [5, 2, 9, 3, 12, 2, 7, 4, 11, 6, 8, 3, 5, 10, 2, 4, 6, 9, 7, 3];

    [TestMethod]
    public void Samples_of_like_length_come_together_and_lose_what_is_masked()
    {
        var samples = Samples(masked: true);

        var trimmed = Padding.CutOff(Mean(usesMask: true), samples);

        Assert.AreEqual("16×9 4×12", string.Join(' ', trimmed.Select(batch => $"{batch.Samples}×{batch.Inputs["ids"].Dims[1]}")));
        long[] Words(IReadOnlyList<Batch> batches) => [.. batches.SelectMany(batch => batch.Inputs["ids"].Integers().Zip(batch.Inputs["mask"].Integers(), (id, mask) => id * mask)).Where(id => id > 0).Order()];
        CollectionAssert.AreEqual(Words(samples), Words(trimmed));
    }

    [TestMethod]
    public void A_model_that_reads_the_padding_keeps_it() => Assert.AreSame(Kept, Padding.CutOff(Mean(usesMask: false), Kept));

    [TestMethod]
    public void A_model_that_takes_one_sample_at_a_time_keeps_them()
    {
        var model = Mean(usesMask: true);
        foreach (var input in model.Graph.Inputs) input.Type.TensorType.Shape.Dim[0].DimValue = 1;

        Assert.AreSame(Kept, Padding.CutOff(model, Kept));
    }

    [TestMethod]
    public void Without_padding_the_samples_stay_as_they_are()
    {
        var samples = Samples(masked: false);

        Assert.AreSame(samples, Padding.CutOff(Mean(usesMask: true), samples));
    }

    private static IReadOnlyList<Batch> Kept { get; } = Samples(masked: true);

    private static IReadOnlyList<Batch> Samples(bool masked)
    {
        var random = new Random(3);
        return [.. SampleLengths.Chunk(10).Select(lengths => new Batch(new Dictionary<string, Tensor>
        {
            ["ids"] = Tensor.Of(lengths.SelectMany(_ => Enumerable.Range(0, 12).Select(_ => (long)random.Next(1, 20))).ToArray(), lengths.Length, 12),
            ["mask"] = Tensor.Of(lengths.SelectMany(length => Enumerable.Range(0, 12).Select(i => !masked || i < length ? 1L : 0L)).ToArray(), lengths.Length, 12),
        }, new Dictionary<string, Tensor>(), lengths.Length))];
    }

    /// <summary>The mean of embedded tokens, over those that the mask leaves or over all.</summary>
    private static OnnxModel Mean(bool usesMask)
    {
        var builder = new ModelBuilder(seed: 2).Input("ids", DataType.Int64, -1, -1).Input("mask", DataType.Int64, -1, -1);
        var words = builder.Op("Gather", [builder.Constant(builder.Random(1, 20, 6)), "ids"]);
        var mask = builder.Op("Unsqueeze", [builder.Op("Cast", ["mask"], node => node.Set("to", (int)DataType.Float)), builder.Constant(Tensor.List(2))]);
        var left = usesMask ? builder.Op("Mul", [words, mask]) : words;
        builder.Op("Div", [builder.Op("ReduceSum", [left, builder.Constant(Tensor.List(1))]), builder.Op("ReduceSum", [mask, builder.Constant(Tensor.List(1))])]);
        return builder.Build();
    }
}
