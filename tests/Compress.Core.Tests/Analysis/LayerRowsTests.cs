using Compress.Analysis;
using Compress.Core.Tests.Apply;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Analysis;

/// <summary>Rows times the weight matrix are what ONNX Runtime computes: patches, groups and layouts are right.</summary>
[TestClass]
public sealed class LayerRowsTests
{
    public static IEnumerable<object[]> Convolutions()
    {
        (string Name, long[] Input, long[] Weight, int Group, Action<Node> Set)[] cases =
        [
            ("1-D", [2, 3, 11], [4, 3, 3], 1, node => node.Set("pads", [1, 1])),
            ("1-D strided, dilated, uneven pads", [2, 4, 17], [6, 2, 3], 2, node => node.Set("pads", [2, 0]).Set("strides", [2]).Set("dilations", [3])),
            ("pointwise", [2, 5, 4, 3], [7, 5, 1, 1], 1, _ => { }),
            ("uneven pads", [2, 3, 7, 9], [4, 3, 3, 2], 1, node => node.Set("pads", [0, 2, 1, 0])),
            ("strides and dilations", [1, 2, 13, 12], [3, 2, 3, 3], 1, node => node.Set("strides", [2, 3]).Set("dilations", [2, 1]).Set("pads", [1, 2, 0, 1])),
            ("groups", [2, 6, 6, 6], [8, 3, 3, 3], 2, node => node.Set("pads", [1, 1, 1, 1])),
            ("depthwise", [2, 4, 8, 7], [4, 1, 3, 3], 4, node => node.Set("pads", [1, 1, 1, 1]).Set("strides", [2, 2])),
            ("depthwise, two filters a channel", [1, 3, 6, 6], [6, 1, 3, 3], 3, _ => { }),
            ("same upper", [2, 2, 8, 9], [3, 2, 4, 3], 1, node => node.Set("auto_pad", "SAME_UPPER").Set("strides", [2, 2])),
            ("same lower", [2, 2, 8, 9], [3, 2, 4, 2], 1, node => node.Set("auto_pad", "SAME_LOWER").Set("strides", [3, 2])),
            ("valid", [2, 2, 8, 9], [3, 2, 3, 3], 1, node => node.Set("auto_pad", "VALID").Set("strides", [2, 1])),
        ];
        return cases.Select(c => new object[] { c.Name, c.Input, c.Weight, c.Group, c.Set });
    }

    [TestMethod]
    [DynamicData(nameof(Convolutions))]
    public void Patches_times_weights_are_the_convolution(string name, long[] input, long[] weight, int group, Action<Node> set)
    {
        var builder = new ModelBuilder(seed: name.Length).Input("x", input);
        builder.Op("Conv", ["x", builder.Constant(builder.Random(1, weight))], node => set(node.Set("group", group)));

        AssertRowsGiveOutput(builder, name);
    }

    /// <summary>output_shape means pads that no attribute names.</summary>
    [TestMethod]
    public void A_transposed_convolution_cut_to_a_shape_has_no_rows()
    {
        var builder = new ModelBuilder(seed: 7).Input("x", 1, 3, 7, 7);
        builder.Op("ConvTranspose", ["x", builder.Constant(builder.Random(1, 3, 2, 2, 2))], node => node.Set("strides", [2, 2]).Set("output_shape", [13, 13]));
        var facts = Compressing.Facts(builder.Build(), builder.Feed());
        Assert.IsNull(LayerRows.Of(facts.Layers[0], facts.Model.Graph.Constants[facts.Layers[0].Weight], [1, 3, 7, 7], [1, 2, 13, 13]));
    }

    [TestMethod]
    [DataRow(1, new long[] { 2, 6, 4, 5 }, new long[] { 6, 3, 2, 3 })]
    [DataRow(2, new long[] { 2, 6, 4, 5 }, new long[] { 6, 3, 2, 2 })]
    [DataRow(3, new long[] { 1, 6, 7 }, new long[] { 6, 2, 4 })]
    public void Pixels_times_weights_are_the_transposed_convolution(int group, long[] input, long[] weight)
    {
        var builder = new ModelBuilder(seed: 7).Input("x", input);
        builder.Op("ConvTranspose", ["x", builder.Constant(builder.Random(1, weight))], node => node.Set("group", group).Set("strides", weight[2..]));

        AssertRowsGiveOutput(builder, "transposed");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Rows_times_weights_are_the_dense_layer(int transB)
    {
        var builder = new ModelBuilder(seed: 5).Input("x", 6, 4);
        builder.Op("Gemm", ["x", builder.Constant(builder.Random(1, transB == 1 ? [3, 4] : [4, 3]))], node => node.Set("transB", transB));

        AssertRowsGiveOutput(builder, "dense");
    }

    [TestMethod]
    [DataRow(new long[] { 2, 3, 4 })]
    [DataRow(new long[] { 5, 4 })]
    [DataRow(new long[] { 2, 3, 2, 4 })]
    public void Rows_times_weights_are_the_matrix_product(long[] input)
    {
        var builder = new ModelBuilder(seed: 6).Input("x", input);
        builder.Op("MatMul", ["x", builder.Constant(builder.Random(1, 4, 5))]);

        AssertRowsGiveOutput(builder, "product");
    }

    [TestMethod]
    public void Forms_without_rows_are_told()
    {
        var overlapping = new ModelBuilder().Input("x", 1, 2, 4, 4);
        overlapping.Op("ConvTranspose", ["x", overlapping.Constant(overlapping.Random(1, 2, 3, 3, 3))], node => node.Set("strides", [2, 2]));
        var spatial = new ModelBuilder().Input("x", 1, 2, 4, 4, 4);
        spatial.Op("Conv", ["x", spatial.Constant(spatial.Random(1, 3, 2, 2, 2, 2))]);

        Assert.IsNull(Rows(overlapping).Rows);
        Assert.IsNull(Rows(spatial).Rows);
    }

    [TestMethod]
    public void A_step_takes_every_nth_row_from_the_first_on()
    {
        var builder = new ModelBuilder(seed: 8).Input("x", 2, 3, 5, 5).Conv(4, 3);
        var (rows, _, input, output) = Rows(builder);
        var (all, allTargets) = Fill(rows!, input, output, 0, 0, 1);
        var (some, someTargets) = Fill(rows!, input, output, 0, 2, 7);

        for (var row = 0; row < some.Length / rows!.Columns; row++)
        {
            CollectionAssert.AreEqual(all[((2 + (7 * row)) * rows.Columns)..][..rows.Columns], some[(row * rows.Columns)..][..rows.Columns]);
            CollectionAssert.AreEqual(allTargets[((2 + (7 * row)) * rows.Targets)..][..rows.Targets], someTargets[(row * rows.Targets)..][..rows.Targets]);
        }
    }

    private static void AssertRowsGiveOutput(ModelBuilder builder, string name)
    {
        var (rows, layer, input, output) = Rows(builder);
        Assert.IsNotNull(rows, name);
        var matrix = WeightMatrix.Of(layer, builder.Graph.Constants[layer.Weight]);
        Assert.AreEqual(output.Count * matrix.RowsPerScale, rows.Count(input.Dims, output.Dims) * (long)rows.Targets * rows.Groups * matrix.RowsPerScale, "every output element is a target");
        for (var group = 0; group < rows.Groups; group++)
        {
            var (x, y) = Fill(rows, input, output, group, 0, 1);
            for (var row = 0; row < y.Length / rows.Targets; row++)
                for (var t = 0; t < rows.Targets; t++)
                {
                    double sum = 0;
                    for (var c = 0; c < rows.Columns; c++) sum += (double)x[(row * rows.Columns) + c] * matrix.Values[(((group * rows.Targets) + t) * rows.Columns) + c];
                    Assert.AreEqual(sum, y[(row * rows.Targets) + t], 1e-4, $"{name}: group {group}, row {row}, target {t}");
                }
        }
    }

    private static (LayerRows? Rows, Layer Layer, Tensor Input, Tensor Output) Rows(ModelBuilder builder)
    {
        var model = builder.Build();
        var feed = builder.Feed();
        var output = Compressing.Run(model, feed).Values.Single();
        var layer = Layers.Of(model).Single();
        return (LayerRows.Of(layer, model.Graph.Constants[layer.Weight], feed["x"].Dims, output.Dims), layer, feed["x"], output);
    }

    private static (float[] X, float[] Y) Fill(LayerRows rows, Tensor input, Tensor output, int group, int first, int step)
    {
        var count = (rows.Count(input.Dims, output.Dims) - first + step - 1) / step;
        var (x, y) = (new float[count * rows.Columns], new float[count * rows.Targets]);
        Assert.AreEqual(count, rows.Fill(input, output, group, first, step, x, y));
        return (x, y);
    }
}
