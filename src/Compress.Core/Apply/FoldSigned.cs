using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>
/// Activations that a model holds in int8 already become uint8, every code and zero point 128 higher: the same numbers, on the type that this product's own grids
/// have. ONNX Runtime (1.30) refuses graphs in which its optimizer moves quantizers of both types past the same node.
/// </summary>
internal static class FoldSigned
{
    private const byte Half = 0x80;

    public static void Apply(FoldScope scope)
    {
        foreach (var quantize in scope.Graph.Nodes.Where(node => node.Is("QuantizeLinear")).ToArray())
        {
            var readers = scope.Index.Consumers(quantize.Output);
            if (scope.Graph.IsOutput(quantize.Output) || quantize.Int("output_dtype") != 0 || scope.Graph.Constant(quantize.Input(2)) is not { Type: DataType.Int8 } zero) continue;
            if (!readers.All(reader => reader.Is("DequantizeLinear") && reader.Inputs[0] == quantize.Output && reader.Inputs.Skip(1).All(input => input != quantize.Output))) continue;
            if (!readers.All(reader => reader.Input(2).Length == 0 || scope.Graph.Constant(reader.Input(2)) is { Type: DataType.Int8 })) continue;
            foreach (var reader in readers) Raise(scope, reader, zero.Dims);
            Raise(scope, quantize, zero.Dims);
            scope.Changed(new(FoldKind.Unsigned, quantize.Name, quantize.Op));
        }
    }

    /// <param name="dims">Of a zero point that is not written, which is 0.</param>
    private static void Raise(FoldScope scope, Node node, long[] dims)
    {
        var zero = scope.Graph.Constant(node.Input(2)) ?? new Tensor(DataType.Int8, dims, new byte[Tensor.ElementCount(dims)]);
        scope.SetInput(node, 2, new Tensor(DataType.Uint8, zero.Dims, Array.ConvertAll(zero.Raw.ToArray(), code => (byte)(code ^ Half))));
    }
}
