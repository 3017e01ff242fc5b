using Compress.Graph;
using Onnx;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Testing;

/// <summary>What published models hold besides common blocks: bounds, control flow with weights of its own, quantized islands, other float types, seldom attributes.</summary>
public sealed partial class RandomGraphs
{
    private Value Wide(Value x)
    {
        var (rank, last) = (x.Dims.Length, x.Dims.Length - 1);
        string Number(double value) => builder.Constant(Tensor.Scalar((float)value));
        return random.Next(24) switch
        {
            0 => Op("Clip", [x.Name, Number(0), Number(Pick(1, 6))], x.Dims),
            1 => Op("Clip", [x.Name, "", Number(1)], x.Dims),
            2 => opset >= 14 ? Unary("HardSwish", x) : Binary("Mul", x, Unary("HardSigmoid", x)),
            3 => Op("Where", [Op("Greater", [x.Name, Number(0.2)], x.Dims).Name, x.Name, Op("Mul", [x.Name, Number(0.1)], x.Dims).Name], x.Dims),
            4 => Op(Pick("Min", "Max"), [x.Name, Along(x, 1)], x.Dims),
            5 => Unary("Sqrt", Op("Add", [Unary("Abs", x).Name, Number(0.1)], x.Dims)),
            6 => Op("Cast", [Unary("Tanh", Cast(x, Pick(DataType.Float16, DataType.Double))).Name], x.Dims, node => node.Set("to", (long)DataType.Float)),
            7 => OnGrid(x),
            8 => Op("DequantizeLinear", Dynamic(x), x.Dims),
            9 => QuantizedDense(x),
            10 => Conditional(x),
            11 => Looped(x),
            12 => Unary(Pick("Softmax", "LogSoftmax"), x, node => node.Set("axis", last)),
            13 => Sorted(x),
            14 => Op("CumSum", [x.Name, builder.Constant(Tensor.Of([(long)last]))], x.Dims),
            15 => Op("Slice", [x.Name, Integers(-1), Integers(int.MinValue), Integers(last), Integers(-1)], x.Dims),
            16 => Centred(x),
            17 => Unary(opset >= 18 ? Pick("Mish", "Celu", "Selu", "Erf", "Sin") : Pick("Selu", "Softsign", "Erf", "Sin", "Neg"), x),
            18 when rank == 4 => Dilated(x),
            19 when rank == 4 => AutoPadded(x),
            20 when rank == 4 && x.Dims[2] <= 8 => Overlapping(x),
            20 when rank == 4 => Activation(x),
            18 or 19 or 20 => rank == 3 ? Op("Conv", [x.Name, builder.Constant(builder.Random(0.4, 6, x.Dims[1], 3), "w"), builder.Constant(builder.Random(0.3, 6), "b")], [x.Dims[0], 6, x.Dims[2]], node => node.Set("pads", [1, 1])) : ScaledProduct(x),
            21 => SharedDense(x),
            22 => Op("Identity", [Op("Dropout", [x.Name], x.Dims).Name], x.Dims),
            _ => Binary("Mul", x, Unary("Sigmoid", x)),
        };
    }

    private Value Cast(Value x, DataType type) => Op("Cast", [x.Name], x.Dims, node => node.Set("to", (long)type));

    /// <summary>A pair of Quantize and Dequantize, as tools leave it in models that are partly quantized. ONNX Runtime 1.29 itself fails on int8 ones of opset 21 before Slice and Reshape.</summary>
    private Value OnGrid(Value x)
    {
        var (scale, zero) = (builder.Constant(Tensor.Scalar(0.05f)), builder.Constant(random.Next(2) == 0 || opset >= 21 ? Tensor.Of([(byte)128]) : Tensor.Of([(sbyte)0])));
        return Op("DequantizeLinear", [Op("QuantizeLinear", [x.Name, scale, zero], x.Dims).Name, scale, zero], x.Dims);
    }

    private string[] Dynamic(Value x)
    {
        builder.Op("DynamicQuantizeLinear", [x.Name], outputs: 3);
        return [.. builder.Graph.Nodes[^1].Outputs];
    }

    /// <summary>A product whose weights are int8 already.</summary>
    private Value QuantizedDense(Value x)
    {
        var (inner, width) = (x.Dims[^1], Channels());
        var codes = builder.Constant(Tensor.Of([.. Enumerable.Range(0, inner * width).Select(_ => (sbyte)random.Next(-127, 128))], inner, width), "w");
        var weight = Op("DequantizeLinear", [codes, builder.Constant(Tensor.Of([(float)(0.02 / Math.Sqrt(inner))]))], [inner, width]);
        return Op("MatMul", [x.Name, weight.Name], [.. x.Dims[..^1], width]);
    }

    /// <summary>Two branches, one with weights of its own, both reading a value from outside.</summary>
    private Value Conditional(Value x)
    {
        var mean = Op("ReduceMean", [x.Name], [], node => node.Set("keepdims", 0));
        var condition = Op("Greater", [mean.Name, builder.Constant(Tensor.Scalar(0))], []);
        var name = $"branch{builder.Graph.Nodes.Count}";
        var with = new OnnxGraph { Name = name + ".then" };
        with.Constants[name + ".w"] = builder.Random(Math.Sqrt(1.0 / x.Dims[^1]), x.Dims[^1], x.Dims[^1]);
        with.Nodes.Add(new Node("MatMul", [x.Name, name + ".w"], [name + ".p"]));
        with.Nodes.Add(new Node("Tanh", [name + ".p"], [name + ".a"]));
        with.Outputs.Add(new ValueInfoProto { Name = name + ".a", Type = Typed(DataType.Float) });
        var without = new OnnxGraph { Name = name + ".else" };
        without.Nodes.Add(new Node("Neg", [x.Name], [name + ".b"]));
        without.Outputs.Add(new ValueInfoProto { Name = name + ".b", Type = Typed(DataType.Float) });
        return Op("If", [condition.Name], x.Dims, node => node.Put(Graph("then_branch", with)).Put(Graph("else_branch", without)));
    }

    /// <summary>Two rounds of a body with weights that it takes from outside.</summary>
    private Value Looped(Value x)
    {
        var name = $"loop{builder.Graph.Nodes.Count}";
        var weight = builder.Constant(builder.Random(Math.Sqrt(1.0 / x.Dims[^1]), x.Dims[^1], x.Dims[^1]), "w");
        var body = new OnnxGraph { Name = name };
        body.Inputs.Add(new ValueInfoProto { Name = name + ".i", Type = Typed(DataType.Int64, scalar: true) });
        body.Inputs.Add(new ValueInfoProto { Name = name + ".go", Type = Typed(DataType.Bool, scalar: true) });
        body.Inputs.Add(new ValueInfoProto { Name = name + ".x", Type = Typed(DataType.Float) });
        body.Nodes.Add(new Node("Identity", [name + ".go"], [name + ".on"]));
        body.Nodes.Add(new Node("MatMul", [name + ".x", weight], [name + ".p"]));
        body.Nodes.Add(new Node("Tanh", [name + ".p"], [name + ".y"]));
        body.Outputs.Add(new ValueInfoProto { Name = name + ".on", Type = Typed(DataType.Bool, scalar: true) });
        body.Outputs.Add(new ValueInfoProto { Name = name + ".y", Type = Typed(DataType.Float) });
        return Op("Loop", [builder.Constant(Tensor.Of([2L])), "", x.Name], x.Dims, node => node.Put(Graph("body", body)));
    }

    private Value Sorted(Value x)
    {
        builder.Op("TopK", [x.Name, Integers(x.Dims[^1])], outputs: 2);
        return x with { Name = builder.Graph.Nodes[^1].Outputs[0] };
    }

    private Value Centred(Value x)
    {
        var mean = Op("ReduceMean", opset >= 18 ? [x.Name, Integers(x.Dims.Length - 1)] : [x.Name], x.Dims, node =>
        {
            if (opset < 18) node.Set("axes", [(long)(x.Dims.Length - 1)]);
        });
        return Op("Sub", [x.Name, mean.Name], x.Dims);
    }

    private Value Dilated(Value x)
    {
        var width = Channels();
        return Op("Conv", [x.Name, builder.Constant(builder.Random(0.3, width, x.Dims[1], 1, 3), "w"), builder.Constant(builder.Random(0.3, width), "b")], [x.Dims[0], width, x.Dims[2], x.Dims[3]],
            node => node.Set("dilations", [1, 2]).Set("pads", [0, 1, 0, 3]));
    }

    private Value AutoPadded(Value x)
    {
        var width = Channels();
        return Op("Conv", [x.Name, builder.Constant(builder.Random(0.2, width, x.Dims[1], 3, 3), "w")], [x.Dims[0], width, (x.Dims[2] + 1) / 2, (x.Dims[3] + 1) / 2],
            node => node.Set("auto_pad", Pick("SAME_UPPER", "SAME_LOWER")).Set("strides", [2, 2]));
    }

    private Value Overlapping(Value x)
    {
        var width = Channels();
        return Op("ConvTranspose", [x.Name, builder.Constant(builder.Random(0.2, x.Dims[1], width, 3, 3), "w"), builder.Constant(builder.Random(0.3, width), "b")],
            [x.Dims[0], width, 2 * x.Dims[2], 2 * x.Dims[3]], node => node.Set("strides", [2, 2]).Set("pads", [1, 1, 1, 1]).Set("output_padding", [1, 1]));
    }

    /// <summary>Factors of Gemm that are not one.</summary>
    private Value ScaledProduct(Value x)
    {
        var width = Channels();
        return Op("Gemm", [x.Name, builder.Constant(builder.Random(0.4, x.Dims[1], width), "w"), builder.Constant(builder.Random(0.3, width), "b")], [x.Dims[0], width],
            node => node.Set("alpha", 0.5f).Set("beta", 2f));
    }

    private Value SharedDense(Value x)
    {
        var weight = builder.Constant(builder.Random(Math.Sqrt(1.0 / x.Dims[^1]), x.Dims[^1], x.Dims[^1]), "w");
        var once = Activation(Op("MatMul", [x.Name, weight], x.Dims));
        return Binary("Add", x, Op("MatMul", [once.Name, weight], x.Dims));
    }

    private static TypeProto Typed(DataType type, bool scalar = false) => new() { TensorType = new() { ElemType = (int)type, Shape = scalar ? new TensorShapeProto() : null } };

    private static AttributeProto Graph(string name, OnnxGraph graph) => new() { Name = name, Type = AttributeType.Graph, G = GraphMessages.Write(graph) };
}
