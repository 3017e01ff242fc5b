using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Gradients;

[TestClass]
public sealed class LayerTests
{
    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(0, 1)]
    public void Gemm_of_a_batch(int transA, int transB)
    {
        var builder = new ModelBuilder().Input("x", -1, 4);
        var w = builder.Constant(transB == 1 ? builder.Random(1, 3, 4) : builder.Random(1, 4, 3), "w");
        var b = builder.Constant(builder.Random(1, 3), "b");
        builder.Op("Gemm", ["x", w, b], node => node.Set("transA", transA).Set("transB", transB).Set("alpha", 0.5f).Set("beta", 2f));

        GradientCheck.InDouble(builder, "x", w, b);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Gemm_with_a_transposed_left_side(int transB)
    {
        var builder = new ModelBuilder().Input("x", 4, 2);
        var w = builder.Constant(transB == 1 ? builder.Random(1, 3, 4) : builder.Random(1, 4, 3), "w");
        builder.Op("Gemm", ["x", w], node => node.Set("transA", 1).Set("transB", transB));

        GradientCheck.InDouble(builder, "x", w);
    }

    [TestMethod]
    public void MatMul_with_weights()
    {
        foreach (var rows in (long[][])[[], [3], [2, 3]])
        {
            var builder = new ModelBuilder().Input("x", [-1, .. rows, 4]);
            var w = builder.Constant(builder.Random(1, 4, 2), "w");
            builder.Op("MatMul", ["x", w]);

            GradientCheck.InDouble(builder, "x", w);
        }
    }

    [TestMethod]
    public void MatMul_of_two_activations()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 3, 4).Input("y", -1, 1, 4, 2);
        builder.Op("MatMul", ["x", "y"]);

        GradientCheck.InDouble(builder, "x", "y");
    }

    [TestMethod]
    public void MatMul_with_a_stack_of_weights()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 3, 4);
        var w = builder.Constant(builder.Random(1, 2, 4, 2), "w");
        builder.Op("MatMul", ["x", w]);

        GradientCheck.InDouble(builder, "x", w);
    }

    [TestMethod]
    public void BatchNormalization()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 2, 2).BatchNormalization();

        GradientCheck.InDouble(builder, ["x", .. builder.Graph.Nodes[0].Inputs.Skip(1)]);
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(1)]
    public void LayerNormalization(int axis)
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 4);
        long[] dims = axis == -1 ? [4] : [3, 4];
        var (scale, bias) = (builder.Constant(builder.Random(1, dims)), builder.Constant(builder.Random(1, dims)));
        builder.Op("LayerNormalization", ["x", scale, bias], node => node.Set("axis", axis));

        GradientCheck.InDouble(builder, "x", scale, bias);
    }

    [TestMethod]
    [DataRow(2, 2, 0, 0, DisplayName = "tiles")]
    [DataRow(3, 2, 1, 0, DisplayName = "overlapping, padded")]
    [DataRow(3, 2, 0, 1, DisplayName = "ceil mode")]
    public void MaxPool(int kernel, int stride, int pad, int ceil)
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 6, 6);
        builder.Op("MaxPool", ["x"], node => node.Set("kernel_shape", [kernel, kernel]).Set("strides", [stride, stride]).Set("pads", [pad, pad, pad, pad]).Set("ceil_mode", ceil));

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    [DataRow(2, 2, 0, 0, 0, DisplayName = "tiles")]
    [DataRow(3, 1, 1, 0, 0, DisplayName = "overlapping, pads left out")]
    [DataRow(3, 2, 1, 1, 0, DisplayName = "stride, pads counted")]
    [DataRow(3, 2, 0, 0, 1, DisplayName = "ceil mode")]
    public void AveragePool(int kernel, int stride, int pad, int counted, int ceil)
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 6, 6);
        builder.Op("AveragePool", ["x"], node => node.Set("kernel_shape", [kernel, kernel]).Set("strides", [stride, stride]).Set("pads", [pad, pad, pad, pad]).Set("count_include_pad", counted).Set("ceil_mode", ceil));

        GradientCheck.Linear(builder, "x");
    }

    [TestMethod]
    public void GlobalAveragePool()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 3, 3).GlobalPool();

        GradientCheck.Linear(builder, "x");
    }

    [TestMethod]
    [DataRow("ReduceSum")]
    [DataRow("ReduceMean")]
    [DataRow("ReduceSumSquare")]
    [DataRow("ReduceL2")]
    public void Reductions(string op)
    {
        foreach (var axes in (long[]?[])[[1], [-1, 1], [0], [], null])
            foreach (var keep in (int[])[0, 1])
            {
                var builder = new ModelBuilder().Input("x", -1, 3, 2);
                builder.Op(op, axes is null ? ["x"] : ["x", builder.Constant(Tensor.List(axes))], node => node.Set("keepdims", keep));

                GradientCheck.InDouble(builder, "x");
            }
    }
}
