using Compress.Graph;
using Compress.Testing;
using Onnx;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Graph;

/// <summary>Models in old opsets, at least one for each rule of the upgrade: name, opset, what builds it.</summary>
internal static class OpsetCases
{
    private static readonly string[] Reductions = ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"];

    public static IEnumerable<object[]> All()
    {
        static object[] Case(string name, int opset, Func<ModelBuilder, ModelBuilder> build) => [name, opset, build];

        yield return Case("BatchNormalization", 7, b =>
        {
            b.Input("x", 2, 3, 4, 4).Conv(3, 3).BatchNormalization();
            b.Graph.Nodes[^1].Set("spatial", 1).Set("momentum", 0.9f);
            return b;
        });
        foreach (var opset in (int[])[7, 9])
        {
            yield return Case($"Upsample nearest {opset}", opset, b => Upsample(b, opset, "nearest", 1, 1, 2, 3));
            yield return Case($"Upsample linear {opset}", opset, b => Upsample(b, opset, "linear", 1, 1, 2, 2));
        }
        foreach (var (height, width) in ((float, float)[])[(2f, 3f), (1.7f, 2.3f), (0.5f, 0.6f), (2.5f, 0.4f), (1f, 0.7f)])
        {
            yield return Case($"Resize nearest {height} {width}", 10, b => One(b, "Resize", [5, 7], node => node.Set("mode", "nearest"), Tensor.Of([1, 1, height, width], 4)));
            yield return Case($"Resize linear {height} {width}", 10, b => One(b, "Resize", [5, 7], node => node.Set("mode", "linear"), Tensor.Of([1, 1, height, width], 4)));
        }
        yield return Case("Resize by computed scales", 10, b =>
        {
            b.Input("x", -1, 3, 5, 7);
            var shape = b.Op("Cast", [b.Op("Shape", ["x"])], node => node.Set("to", 1));
            var scales = b.Op("Div", [b.Op("Add", [shape, b.Constant(Tensor.Of([0f, 0, 4, -3], 4))]), shape]);
            b.Op("Resize", ["x", scales]);
            return b;
        });
        foreach (var mode in (string[])["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn"])
            foreach (var rounding in (string[])["floor", "round_prefer_floor"])
                yield return Case($"Resize to sizes {mode} {rounding}", 11, b => One(
                    b, "Resize", [5, 7], node => node.Set("coordinate_transformation_mode", mode).Set("nearest_mode", rounding),
                    Tensor.Of((float[])[], 0), Tensor.Of((float[])[], 0), Tensor.List(2, 3, 9, 4)));
        yield return Case("Resize cropped", 12, b => One(
            b, "Resize", [5, 7], node => node.Set("coordinate_transformation_mode", "tf_crop_and_resize").Set("mode", "linear"),
            Tensor.Of([0f, 0, 0.2f, 0.1f, 1, 1, 0.8f, 0.9f], 8), Tensor.Of([1f, 1, 2, 3], 4)));
        yield return Case("Slice", 9, b => One(b, "Slice", [5, 7], node => node.Set("starts", [1L, -3]).Set("ends", [3L, 9999]).Set("axes", [1L, 3])));
        yield return Case("Slice of all axes", 7, b => One(b, "Slice", [5, 7], node => node.Set("starts", [0L, 1, 1, 2]).Set("ends", [2L, 3, 4, -1])));
        yield return Case("TopK", 9, b =>
        {
            b.Input("x", 2, 7);
            b.Op("TopK", ["x"], node => node.Set("k", 3), outputs: 2);
            b.Add(b.Last, b.Op("Cast", [b.Graph.Nodes[^1].Outputs[1]], node => node.Set("to", 1)));
            return b;
        });
        yield return Case("Clip", 7, b => One(b, "Clip", [5, 7], node => node.Set("min", -0.5f).Set("max", 0.25f)));
        yield return Case("Clip above only", 10, b => One(b, "Clip", [5, 7], node => node.Set("max", 0.25f)));
        yield return Case("Clip of float16", 10, b =>
        {
            b.Input("x", 2, 3);
            var whole = b.Op("Floor", ["x"]); // exact in float16, whatever casts the runtime takes out
            b.Op("Clip", [b.Op("Relu", [b.Op("Cast", [whole], node => node.Set("to", (long)DataType.Float16))])], node => node.Set("min", 0.25f).Set("max", 0.75f));
            b.Op("Cast", [b.Last], node => node.Set("to", 1));
            return b;
        });
        yield return Case("Pad", 7, b => One(b, "Pad", [5, 7], node => node.Set("pads", [0L, 1, 2, 0, 0, 0, 1, 3]).Set("value", 1.5f)));
        yield return Case("Pad by reflection", 10, b => One(b, "Pad", [5, 7], node => node.Set("pads", [0L, 0, 2, 1, 0, 0, 1, 3]).Set("mode", "reflect")));
        yield return Case("Scatter", 9, b =>
        {
            b.Input("x", 3, 3);
            b.Op("Scatter", ["x", b.Constant(Tensor.Of([0L, 2, 1, 1], 2, 2)), b.Constant(b.Random(1, 2, 2))], node => node.Set("axis", 1));
            return b;
        });
        foreach (var opset in (int[])[7, 10])
            yield return Case($"Dropout {opset}", opset, b =>
            {
                b.Input("x", 3, 3);
                b.Op("Dropout", ["x"], node => node.Set("ratio", 0.3f), outputs: 2);
                return b;
            });
        foreach (var op in (string[])["Softmax", "LogSoftmax", "Hardmax"])
        {
            yield return Case($"{op} of all behind the batch", 9, b => One(b, op, [5, 7]));
            yield return Case($"{op} from axis 2", 12, b => One(b, op, [5, 7], node => node.Set("axis", 2)));
            yield return Case($"{op} from axis -2", 11, b => One(b, op, [5, 7], node => node.Set("axis", -2)));
            yield return Case($"{op} of the last axis", 11, b => One(b, op, [5, 7], node => node.Set("axis", 3)));
        }
        foreach (var op in Reductions.Append("ReduceSum"))
        {
            yield return Case($"{op} of two axes", 7, b => Reduce(b, op, node => node.Set("axes", [1L, 3]).Set("keepdims", 0)));
            yield return Case($"{op} of a negative axis", 11, b => Reduce(b, op, node => node.Set("axes", [-2L])));
            yield return Case($"{op} of all axes", 12, b => Reduce(b, op, _ => { }));
        }
        yield return Case("Squeeze and Unsqueeze", 11, b =>
        {
            b.Input("x", 2, 1, 3);
            b.Op("Unsqueeze", [b.Op("Squeeze", ["x"], node => node.Set("axes", [1L]))], node => node.Set("axes", [0L, -1]));
            return b;
        });
        yield return Case("Split into lengths", 12, b => One(b, "Split", [5, 7], node => node.Set("axis", 3).Set("split", [3L, 4]), outputs: 2));
        yield return Case("Split into equal parts", 7, b => One(b, "Split", [6, 7], node => node.Set("axis", 2), outputs: 3));
        yield return Case("Split by an input", 13, b => One(b, "Split", [5, 7], node => node.Set("axis", 3), outputs: 2, inputs: Tensor.List(1, 6)));
        yield return Case("RoiAlign", 11, b => One(
            b, "RoiAlign", [8, 8], node => node.Set("output_height", 2).Set("output_width", 2).Set("spatial_scale", 0.5f).Set("sampling_ratio", 2),
            Tensor.Of([1f, 2, 9, 12, 0, 3, 14, 15], 2, 4), Tensor.List(0, 1)));
        yield return Case("DFT", 17, b =>
        {
            b.Input("x", 2, 4, 6, 2);
            b.Op("DFT", ["x"], node => node.Set("axis", 2));
            b.Op("DFT", [b.Last], node => node.Set("inverse", 1));
            return b;
        });
        foreach (var mode in (string[])["bilinear", "nearest", "bicubic"])
            yield return Case($"GridSample {mode}", 16, b =>
            {
                b.Input("x", 1, 2, 5, 5);
                b.Op("GridSample", ["x", b.Constant(b.Random(0.7, 1, 3, 4, 2))], node => node.Set("mode", mode));
                return b;
            });
        yield return Case("GroupNormalization", 18, b =>
        {
            b.Input("x", 2, 6, 3, 3);
            b.Op("GroupNormalization", ["x", b.Constant(b.Random(1, 3)), b.Constant(b.Random(1, 3))], node => node.Set("num_groups", 3));
            return b;
        });
        yield return Case("If, Loop and what their bodies capture", 10, b =>
        {
            b.Input("x", 2, 3, 4);
            var count = b.Constant(Tensor.Of([3L]));
            var yes = b.Constant(new Tensor(DataType.Bool, [], [1]));
            var branch = new GraphProto { Name = "branch", Node = { Message("Softmax", ["x"], "inner_softmax"), Message("Squeeze", ["inner_softmax"], "inner_out") }, Output = { new ValueInfoProto { Name = "inner_out" } } };
            var chosen = b.Op("If", [yes], node => node.Put(Body("then_branch", branch)).Put(Body("else_branch", branch.Clone())));
            var clip = Message("Clip", ["carried"], "next");
            clip.Attribute.Add(new AttributeProto { Name = "max", Type = AttributeType.Float, F = 0.2f });
            var loop = new GraphProto
            {
                Name = "loop",
                Input = { Scalar("i", DataType.Int64), Scalar("go", DataType.Bool), Value("carried", DataType.Float) },
                Node = { clip, Message("Identity", ["go"], "go_on") },
                Output = { Scalar("go_on", DataType.Bool), Value("next", DataType.Float) },
            };
            b.Op("Loop", [count, yes, chosen], node => node.Put(Body("body", loop)));
            return b;
        });
    }

    private static ModelBuilder One(ModelBuilder builder, string op, int[] size, Action<Node>? set = null, params Tensor[] inputs) => One(builder, op, size, set, 1, inputs);

    private static ModelBuilder One(ModelBuilder builder, string op, int[] size, Action<Node>? set, int outputs, params Tensor[] inputs)
    {
        builder.Input("x", 2, 3, size[0], size[1]);
        builder.Op(op, ["x", .. inputs.Select(input => builder.Constant(input))], set, outputs);
        return builder.Output([.. builder.Graph.Nodes[^1].Outputs]);
    }

    private static ModelBuilder Upsample(ModelBuilder builder, int opset, string mode, params float[] scales) => opset < 9
        ? One(builder, "Upsample", [5, 7], node =>
        {
            var attribute = new AttributeProto { Name = "scales", Type = AttributeType.Floats };
            attribute.Floats.AddRange(scales);
            node.Set("mode", mode).Put(attribute);
        })
        : One(builder, "Upsample", [5, 7], node => node.Set("mode", mode), Tensor.Of(scales, scales.Length));

    /// <summary>Of positive numbers, so that logarithms exist.</summary>
    private static ModelBuilder Reduce(ModelBuilder builder, string op, Action<Node> set)
    {
        builder.Input("x", 2, 3, 4, 5);
        builder.Op(op, [builder.Op("Exp", ["x"])], set);
        return builder;
    }

    private static AttributeProto Body(string name, GraphProto graph) => new() { Name = name, Type = AttributeType.Graph, G = graph };

    private static NodeProto Message(string op, string[] inputs, string output) => new() { OpType = op, Input = { inputs }, Output = { output } };

    private static ValueInfoProto Value(string name, DataType type) => new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type } } };

    private static ValueInfoProto Scalar(string name, DataType type) => new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = new() } } };
}
