using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Gradients;

[TestClass]
public sealed class ShapingTests
{
    [TestMethod]
    public void Concat_and_split()
    {
        var builder = new ModelBuilder().Input("x", -1, 5, 2).Input("y", -1, 2, 2);
        var c = builder.Constant(builder.Random(1, 1, 1, 2));
        var wide = builder.Op("Concat", ["x", "y", builder.Op("Mul", ["y", c])], node => node.Set("axis", 1));
        builder.Op("Split", [wide, builder.Constant(Tensor.List(4, 3, 2))], node => node.Set("axis", -2), outputs: 3);
        var split = builder.Graph.Nodes[^1];
        var product = builder.Op("MatMul", [builder.Op("Transpose", [split.Outputs[0]], node => node.Set("perm", [0, 2, 1])), builder.Op("Concat", [split.Outputs[0]], node => node.Set("axis", 1))]);
        builder.Op("Mul", [builder.Op("Exp", [split.Outputs[2]]), product]);

        GradientCheck.InDouble(builder, "x", "y", c);
    }

    [TestMethod]
    [DataRow(1, 4, 1)]
    [DataRow(-3, int.MaxValue, 1)]
    [DataRow(0, 6, 2)]
    [DataRow(1, 6, 3)]
    [DataRow(-1, -7, -1)]
    [DataRow(4, 0, -2)]
    public void Slice(int start, int end, int step)
    {
        var builder = new ModelBuilder().Input("x", -1, 6, 6);
        builder.Op("Slice", ["x", builder.Constant(Tensor.List(start, 1)), builder.Constant(Tensor.List(end, 6)), builder.Constant(Tensor.List(1, 2)), builder.Constant(Tensor.List(step, 2))]);

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    public void Pad_and_crop()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 4);
        builder.Op("Pad", ["x", builder.Constant(Tensor.List(0, 1, 2, 0, 0, -1))]);

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    public void Reshape_Flatten_Squeeze_Unsqueeze_Transpose_Expand()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 1, 3);
        builder.Op("Reshape", [builder.Op("Squeeze", ["x", builder.Constant(Tensor.List(2))]), builder.Constant(Tensor.List(0, 3, 2))]);
        builder.Op("Transpose", [builder.Op("Unsqueeze", [builder.Last, builder.Constant(Tensor.List(1))])], node => node.Set("perm", [0, 3, 1, 2]));
        builder.Op("Expand", [builder.Last, builder.Constant(Tensor.List(1, 1, 4, 1))]);
        builder.Op("Flatten", [builder.Last]);

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    [DataRow("DCR")]
    [DataRow("CRD")]
    public void DepthToSpace(string mode)
    {
        var builder = new ModelBuilder().Input("x", -1, 8, 2, 3);
        builder.Op("DepthToSpace", ["x"], node => node.Set("blocksize", 2).Set("mode", mode));

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    public void SpaceToDepth()
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 4, 6);
        builder.Op("SpaceToDepth", ["x"], node => node.Set("blocksize", 2));

        GradientCheck.InDouble(builder, "x");
    }

    [TestMethod]
    [DataRow("asymmetric", "floor", 3)]
    [DataRow("half_pixel", "round_prefer_floor", 2)]
    [DataRow("asymmetric", "round_prefer_floor", 2)]
    public void Resize_nearest(string transform, string rounding, int factor)
    {
        var builder = new ModelBuilder().Input("x", -1, 2, 3, 2);
        builder.Op("Resize", ["x", "", builder.Constant(Tensor.Of([1f, 1f, factor, 2f], 4))], node => node.Set("mode", "nearest").Set("coordinate_transformation_mode", transform).Set("nearest_mode", rounding));

        GradientCheck.Linear(builder, "x");
    }

    [TestMethod]
    public void Gather_of_rows_and_of_columns()
    {
        var rows = new ModelBuilder().Input("ids", Onnx.TensorProto.Types.DataType.Int64, -1, 4);
        var table = rows.Constant(rows.Random(1, 3, 2));
        rows.Op("Gather", [table, "ids"]);
        GradientCheck.InDouble(rows, table);

        var columns = new ModelBuilder().Input("x", -1, 3, 4);
        columns.Op("Gather", ["x", columns.Constant(Tensor.Of([2L, 0, -1, 2], 2, 2))], node => node.Set("axis", 2));
        GradientCheck.InDouble(columns, "x");

        var narrow = new ModelBuilder().Input("x", -1, 3, 4);
        narrow.Op("Gather", ["x", narrow.Constant(Tensor.Of([2, 0, 1], 3))], node => node.Set("axis", 1));
        GradientCheck.InDouble(narrow, "x");
    }
}
