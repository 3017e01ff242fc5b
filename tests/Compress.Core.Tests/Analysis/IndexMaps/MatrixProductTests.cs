using Compress.Testing;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class MatrixProductTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Gemm_makes_and_reads_features_transposed_or_not(int transposed)
    {
        var builder = new ModelBuilder().Input("x", -1, 5);
        string Weight(int inputs, int outputs) => builder.Constant(transposed == 1 ? builder.Random(1, outputs, inputs) : builder.Random(1, inputs, outputs));
        builder.Op("Gemm", ["x", Weight(5, 3), builder.Constant(builder.Random(1, 1, 3))], node => node.Set("transB", transposed));
        builder.Op("Sigmoid", [builder.Last]);
        builder.Op("Gemm", [builder.Last, Weight(3, 2)], node => node.Set("transB", transposed));

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder));
    }

    [TestMethod]
    public void MatMul_reads_the_last_axis_under_any_leading_ones()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 4, 5);
        builder.Op("MatMul", ["x", builder.Constant(builder.Random(1, 5, 3))]);
        builder.Op("Add", [builder.Constant(builder.Random(1, 3)), builder.Last]);
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1, 2, 3, 6))]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder));
    }

    [TestMethod]
    public void A_constant_on_the_left_mixes_rows()
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 5);
        builder.Op("MatMul", [builder.Constant(builder.Random(1, 3, 4)), "x"]);
        builder.Op("Relu", [builder.Last]);
        builder.Op("MatMul", [builder.Constant(builder.Random(1, 2, 3)), builder.Last]);

        Assert.AreEqual("0>0 1>1 2>2", Travel.Of(builder));
    }

    [TestMethod]
    public void Two_activations_hold_what_they_are_multiplied_over()
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 5);
        var a = builder.Op("MatMul", ["x", builder.Constant(builder.Random(1, 5, 3))]);
        builder.Op("MatMul", [a, builder.Op("Transpose", [a], node => node.Set("perm", [0, 2, 1]))]);

        StringAssert.Contains(Travel.Closed(builder, a), "(MatMul) multiplies two activations over them");
    }

    [TestMethod]
    public void Einsum_goes_by_its_letters()
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 5);
        builder.Op("Einsum", ["x", builder.Constant(builder.Random(1, 3, 2, 5))], node => node.Set("equation", "bsi,hdi->bhsd"));
        builder.Op("Relu", [builder.Last]);
        builder.Op("Einsum", [builder.Last, builder.Constant(builder.Random(1, 3, 2, 6))], node => node.Set("equation", "bhsd,hdo -> bso"));

        Assert.AreEqual("0>0 1>1 2>2 | 0>0 1>1", Travel.Of(builder));
    }
}
