using Compress.Graph;
using Compress.Testing;
using Onnx;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests;

/// <summary>One small network in the forms that published models come in.</summary>
internal static class PublishedForms
{
    /// <summary>How each is made, and how many times smaller it must become.</summary>
    public static readonly Dictionary<string, (Func<ModelProto> Make, double Factor)> All = new()
    {
        ["weights in Constant nodes"] = (() => ConstantNodes(Network().Build()), 2.5),
        ["dynamic axes"] = (Dynamic, 2.5),
        ["float16"] = (() => Typed(DataType.Float16, Network()), 1.3),
        ["a model-local function"] = (Function, 2.5),
        ["operators of ONNX Runtime's own domain"] = (Contributed, 2.5),
        ["optional outputs"] = (OptionalOutputs, 2),
        ["channels last between Transposes"] = (ChannelsLast, 2.5),
        ["already quantized in part, Quantize and Dequantize"] = (PartlyQuantized, 1.5),
        ["already quantized in part, integer operators"] = (PartlyInteger, 1.5),
        ["weights in the branches of an If"] = (Conditional, 2.5),
        ["weights in the body of a Loop"] = (Looped, 2.5),
        ["weights in the body of a Scan"] = (Scanned, 2.5),
    };

    public static ModelBuilder Network(int opset = 21) => new ModelBuilder(seed: 41, opset).Input("input", -1, 1, 8, 8).Conv(8, 3).Relu().Conv(32, 3).Relu().Conv(32, 3).Relu().GlobalPool().Flatten().Dense(6);

    private static ModelProto ConstantNodes(OnnxModel model)
    {
        var proto = OnnxWriter.ToProto(model);
        foreach (var constant in proto.Graph.Initializer.Reverse())
        {
            var node = new NodeProto { OpType = "Constant" };
            node.Output.Add(constant.Name);
            node.Attribute.Add(new AttributeProto { Name = "value", Type = AttributeType.Tensor, T = constant });
            proto.Graph.Node.Insert(0, node);
        }
        proto.Graph.Initializer.Clear();
        return proto;
    }

    private static ModelProto Dynamic()
    {
        var model = Network().Build();
        foreach (var axis in (int[])[2, 3]) model.Graph.Inputs[0].Type.TensorType.Shape.Dim[axis] = new TensorShapeProto.Types.Dimension { DimParam = $"size{axis}" };
        return OnnxWriter.ToProto(model);
    }

    public static ModelProto Typed(DataType type, ModelBuilder builder)
    {
        var model = builder.Build();
        foreach (var (name, tensor) in model.Graph.Constants.ToArray())
            if (tensor.Type == DataType.Float) model.Graph.Constants[name] = new Tensor(type, [0], []).WithFloats(tensor.Floats(), tensor.Dims);
        foreach (var value in model.Graph.Inputs.Concat(model.Graph.Outputs)) value.Type.TensorType.ElemType = (int)type;
        return OnnxWriter.ToProto(model);
    }


    /// <summary>Convolution and activation as a function of the model, called twice.</summary>
    private static ModelProto Function()
    {
        var builder = new ModelBuilder(seed: 42).Input("input", -1, 1, 8, 8).Conv(24, 3);
        foreach (var _ in (int[])[1, 2]) builder.Op("Block", [builder.Last, builder.Constant(builder.Random(0.1, 24, 24, 3, 3), "w"), builder.Constant(builder.Random(0.1, 24), "b")], node => node.Domain = "local");
        var proto = OnnxWriter.ToProto(builder.GlobalPool().Flatten().Dense(6, 24).Build());
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        var function = new FunctionProto { Name = "Block", Domain = "local" };
        function.Input.AddRange(["x", "w", "b"]);
        function.Output.Add("y");
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 21 });
        var conv = new NodeProto { OpType = "Conv", Input = { "x", "w", "b" }, Output = { "c" } };
        conv.Attribute.Add(new AttributeProto { Name = "pads", Type = AttributeType.Ints, Ints = { 1, 1, 1, 1 } });
        function.Node.Add(conv);
        function.Node.Add(new NodeProto { OpType = "Relu", Input = { "c" }, Output = { "y" } });
        proto.Functions.Add(function);
        return proto;
    }

    private static ModelProto Contributed()
    {
        var builder = Network();
        builder.Op("Gelu", [builder.Op("Gemm", [builder.Last, builder.Constant(builder.Random(0.4, 64, 6), "w"), builder.Constant(builder.Random(0.1, 64), "b")], node => node.Set("transB", 1))], node => node.Domain = "com.microsoft");
        var proto = OnnxWriter.ToProto(builder.Build());
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        return proto;
    }

    /// <summary>Pooling with positions that are read, a recurrent layer whose first output is left out.</summary>
    private static ModelProto OptionalOutputs()
    {
        var builder = new ModelBuilder(seed: 43).Input("input", -1, 1, 8, 8).Conv(32, 3).Relu().Conv(32, 3);
        var pooled = builder.Op("MaxPool", [builder.Last], node => node.Set("kernel_shape", [2, 2]).Set("strides", [2, 2]), outputs: 2);
        var positions = builder.Graph.Nodes[^1].Outputs[1];
        var steps = builder.Op("Transpose", [builder.Op("Reshape", [pooled, builder.Constant(Tensor.List(0, 32, 16))])], node => node.Set("perm", [2, 0, 1]));
        builder.Op("LSTM", [steps, builder.Constant(builder.Random(0.15, 1, 64, 32), "w"), builder.Constant(builder.Random(0.2, 1, 64, 16), "r")], node => node.Set("hidden_size", 16), outputs: 2);
        builder.Graph.Nodes[^1].Outputs[0] = "";
        var state = builder.Op("Squeeze", [builder.Graph.Nodes[^1].Outputs[1], builder.Constant(Tensor.List(0))]);
        builder.Output(builder.Op("Gemm", [state, builder.Constant(builder.Random(0.3, 16, 40), "w"), builder.Constant(builder.Random(0.1, 40), "b")]));
        builder.Graph.Outputs.Add(new ValueInfoProto { Name = positions, Type = new() { TensorType = new() { ElemType = (int)DataType.Int64 } } });
        return OnnxWriter.ToProto(builder.Build());
    }

    private static ModelProto ChannelsLast()
    {
        var builder = new ModelBuilder(seed: 44).Input("input", -1, 1, 8, 8).Conv(24, 3);
        foreach (var _ in (int[])[1, 2, 3])
        {
            var last = builder.Op("Relu", [builder.Op("Transpose", [builder.Last], node => node.Set("perm", [0, 2, 3, 1]))]);
            builder.Conv(builder.Op("Transpose", [builder.Op("Add", [last, builder.Constant(builder.Random(0.1, 24))])], node => node.Set("perm", [0, 3, 1, 2])), 24, 3);
        }
        return OnnxWriter.ToProto(builder.GlobalPool().Flatten().Dense(6, 24).Build());
    }

    private static ModelProto PartlyQuantized()
    {
        var builder = new ModelBuilder(seed: 45).Input("input", -1, 1, 8, 8).Conv(24, 3).Relu();
        var (scale, zero) = (builder.Constant(Tensor.Scalar(0.03f)), builder.Constant(Tensor.Of([(byte)0])));
        var grid = builder.Op("DequantizeLinear", [builder.Op("QuantizeLinear", [builder.Last, scale, zero]), scale, zero]);
        var codes = builder.Constant(Tensor.Of([.. builder.Random(40, 24 * 24).Floats().Select(v => (sbyte)Math.Clamp(v, -127, 127))], 24, 24, 1, 1));
        var weight = builder.Op("DequantizeLinear", [codes, builder.Constant(Tensor.Of([.. Enumerable.Repeat(0.005f, 24)], 24)), builder.Constant(Tensor.Of(new sbyte[24], 24))], node => node.Set("axis", 0));
        builder.Op("Relu", [builder.Op("Conv", [grid, weight])]);
        builder.Op("Conv", [builder.Last, builder.Constant(builder.Random(0.1, 24, 24, 3, 3), "w"), builder.Constant(builder.Random(0.1, 24), "b")], node => node.Set("pads", [1, 1, 1, 1]));
        return OnnxWriter.ToProto(builder.GlobalPool().Flatten().Dense(6, 24).Build());
    }

    private static ModelProto PartlyInteger()
    {
        var builder = new ModelBuilder(seed: 46).Input("input", -1, 1, 8, 8).Conv(24, 3).Relu();
        var (scale, zero) = (builder.Constant(Tensor.Scalar(0.03f)), builder.Constant(Tensor.Of([(byte)0])));
        var codes = builder.Constant(Tensor.Of([.. builder.Random(40, 24 * 24).Floats().Select(v => (sbyte)Math.Clamp(v, -127, 127))], 24, 24, 1, 1));
        var (weights, none) = (builder.Constant(Tensor.Scalar(0.005f)), builder.Constant(Tensor.Of(new sbyte[1])));
        var integer = builder.Op("QLinearConv", [builder.Op("QuantizeLinear", [builder.Last, scale, zero]), scale, zero, codes, weights, none, scale, zero]);
        builder.Op("DequantizeLinear", [integer, scale, zero]);
        builder.Op("Conv", [builder.Last, builder.Constant(builder.Random(0.1, 24, 24, 3, 3), "w"), builder.Constant(builder.Random(0.1, 24), "b")], node => node.Set("pads", [1, 1, 1, 1]));
        return OnnxWriter.ToProto(builder.GlobalPool().Flatten().Dense(6, 24).Build());
    }

    /// <summary>Flat features of 32 channels, on which a sub-graph works.</summary>
    private static ModelBuilder Features(int seed)
    {
        var builder = new ModelBuilder(seed).Input("input", -1, 1, 8, 8).Conv(32, 3).Relu();
        builder.Op("Reshape", [builder.Last, builder.Constant(Tensor.List(0, 2048))]);
        builder.Op("Gemm", [builder.Last, builder.Constant(builder.Random(0.03, 2048, 64), "w"), builder.Constant(builder.Random(0.1, 64), "b")]);
        return builder;
    }

    private static ModelProto Conditional()
    {
        var builder = Features(47);
        var x = builder.Last;
        OnnxGraph Branch(string name)
        {
            var branch = new OnnxGraph { Name = name };
            // The same inner names in both branches, which their scopes allow.
            branch.Constants["inner"] = builder.Random(0.12, 64, 256);
            branch.Constants["outer"] = builder.Random(0.06, 256, 64);
            branch.Nodes.Add(new Node("MatMul", [x, "inner"], ["hidden"]));
            branch.Nodes.Add(new Node("Relu", ["hidden"], ["active"]));
            branch.Nodes.Add(new Node("MatMul", ["active", "outer"], ["result"]));
            branch.Outputs.Add(Value("result", DataType.Float, null));
            return branch;
        }
        var condition = builder.Op("Greater", [builder.Op("ReduceMean", ["input"], node => node.Set("keepdims", 0)), builder.Constant(Tensor.Scalar(0))]);
        builder.Op("If", [condition], node => node.Put(Graph("then_branch", Branch("yes"))).Put(Graph("else_branch", Branch("no"))));
        return OnnxWriter.ToProto(builder.Build());
    }

    private static ModelProto Looped()
    {
        var builder = Features(48);
        var body = new OnnxGraph { Name = "body" };
        body.Constants["w"] = builder.Random(0.12, 64, 64);
        body.Constants["v"] = builder.Random(0.12, 64, 64);
        body.Inputs.AddRange([Value("i", DataType.Int64, []), Value("go", DataType.Bool, []), Value("state", DataType.Float, null)]);
        body.Nodes.Add(new Node("Identity", ["go"], ["on"]));
        body.Nodes.Add(new Node("MatMul", ["state", "w"], ["p"]));
        body.Nodes.Add(new Node("Tanh", ["p"], ["a"]));
        body.Nodes.Add(new Node("MatMul", ["a", "v"], ["next"]));
        body.Outputs.AddRange([Value("on", DataType.Bool, []), Value("next", DataType.Float, null)]);
        builder.Op("Loop", [builder.Constant(Tensor.Of([3L])), "", builder.Last], node => node.Put(Graph("body", body)));
        return OnnxWriter.ToProto(builder.Build());
    }

    private static ModelProto Scanned()
    {
        var builder = Features(49);
        var steps = builder.Op("Transpose", [builder.Op("Reshape", [builder.Last, builder.Constant(Tensor.List(0, 8, 8))])], node => node.Set("perm", [1, 0, 2]));
        var start = builder.Op("Gemm", [builder.Graph.Nodes[^3].Output, builder.Constant(builder.Random(0.1, 64, 96), "w")]);
        var body = new OnnxGraph { Name = "body" };
        body.Constants["w"] = builder.Random(0.3, 8, 96);
        body.Constants["u"] = builder.Random(0.1, 96, 96);
        body.Inputs.AddRange([Value("state", DataType.Float, null), Value("step", DataType.Float, null)]);
        body.Nodes.Add(new Node("MatMul", ["step", "w"], ["p"]));
        body.Nodes.Add(new Node("MatMul", ["state", "u"], ["q"]));
        body.Nodes.Add(new Node("Add", ["p", "q"], ["s"]));
        body.Nodes.Add(new Node("Tanh", ["s"], ["next"]));
        body.Nodes.Add(new Node("Identity", ["next"], ["seen"]));
        body.Outputs.AddRange([Value("next", DataType.Float, null), Value("seen", DataType.Float, null)]);
        builder.Op("Scan", [start, steps], node => node.Put(Graph("body", body)).Set("num_scan_inputs", 1), outputs: 2);
        builder.Output(builder.Graph.Nodes[^1].Outputs[0]);
        return OnnxWriter.ToProto(builder.Build());
    }

    private static ValueInfoProto Value(string name, DataType type, long[]? dims) => new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = dims is null ? null : new TensorShapeProto() } } };

    private static AttributeProto Graph(string name, OnnxGraph graph) => new() { Name = name, Type = AttributeType.Graph, G = GraphMessages.Write(graph) };
}
