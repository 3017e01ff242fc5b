using Compress.Analysis;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Analysis;

[TestClass]
public sealed class WeightMatrixTests
{
    [TestMethod]
    [DataRow("Conv", 1, 0, new long[] { 6, 3, 2, 3 }, new[] { 6, 18, 1 })]
    [DataRow("Conv", 3, 0, new long[] { 6, 2, 3 }, new[] { 6, 6, 1 })]
    [DataRow("ConvTranspose", 1, 0, new long[] { 4, 3, 2, 2 }, new[] { 12, 4, 4 })]
    [DataRow("ConvTranspose", 2, 0, new long[] { 4, 3, 2, 3 }, new[] { 36, 2, 6 })]
    [DataRow("Gemm", 1, 0, new long[] { 5, 3 }, new[] { 3, 5, 1 })]
    [DataRow("Gemm", 1, 1, new long[] { 5, 3 }, new[] { 5, 3, 1 })]
    [DataRow("MatMul", 1, 0, new long[] { 5, 3 }, new[] { 3, 5, 1 })]
    public void A_tensor_survives_the_way_to_a_matrix_and_back(string op, int group, int transB, long[] dims, int[] rowsColumnsShared)
    {
        var weight = new ModelBuilder(seed: 4).Random(1, dims);
        var layer = Of(op, group, transB);

        var matrix = WeightMatrix.Of(layer, weight);

        CollectionAssert.AreEqual(rowsColumnsShared, new[] { matrix.Rows, matrix.Columns, matrix.RowsPerScale });
        CollectionAssert.AreEqual(weight.Floats(), WeightMatrix.ToTensorLayout(layer, dims, matrix.Values));
    }

    [TestMethod]
    [DataRow("Conv", 1, 0, new long[] { 6, 3, 2, 3 })]
    [DataRow("ConvTranspose", 1, 0, new long[] { 4, 3, 2, 2 })]
    [DataRow("Gemm", 1, 0, new long[] { 5, 3 })]
    [DataRow("Gemm", 1, 1, new long[] { 5, 3 })]
    [DataRow("MatMul", 1, 0, new long[] { 5, 3 })]
    public void Rows_that_share_a_scale_lie_on_one_position_of_the_scale_axis(string op, int group, int transB, long[] dims)
    {
        var layer = Of(op, group, transB);
        var axis = WeightMatrix.ScaleAxis(layer);
        var inner = Tensor.ElementCount(dims.AsSpan(axis + 1));
        // Each element says where on the scale axis it lies.
        var positions = Tensor.Of([.. Enumerable.Range(0, (int)Tensor.ElementCount(dims)).Select(i => (float)(i / inner % dims[axis]))], dims);

        var matrix = WeightMatrix.Of(layer, positions);

        Assert.AreEqual(dims[axis], matrix.Scales);
        for (var i = 0; i < matrix.Values.Length; i++) Assert.AreEqual(i / matrix.Columns / matrix.RowsPerScale, matrix.Values[i]);
    }

    private static Layer Of(string op, int group, int transB)
    {
        var node = new Node(op, ["x", "w"], ["y"]);
        if (group > 1) node.Set("group", group);
        if (transB > 0) node.Set("transB", transB);
        return new Layer("y", op switch { "Conv" => LayerKind.Conv, "ConvTranspose" => LayerKind.ConvTranspose, _ => LayerKind.Dense }, node, "w", null, "y");
    }
}
