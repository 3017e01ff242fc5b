using Compress.Analysis;
using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>
/// A dense layer whose kernel reads weights of 4 or 8 bits as they lie in the file: MatMulNBits 1 of ONNX Runtime's own operator set (1.17; 8 bits: 1.22). The weights take
/// no more memory than on disk, and where few rows are multiplied they are read faster than float ones. Inputs: A [.., K], codes uint8 [N, blocks, bytes of a block],
/// the first code of a byte in its low bits, zero in the middle of their range; a scale for every block of every column, here the column's own.
/// </summary>
internal static class PackedProduct
{
    public const string Operator = "MatMulNBits";

    /// <summary>Weights of one block, as many as keep the repeated scales small beside them.</summary>
    private const int Block = 128;

    /// <summary>Rows of A are rounded to 8 bits, block by block, inside the kernel, which is several times faster; results differ in the third digit.</summary>
    private const int IntegersInside = 4;

    public static bool Fits(Layer layer, Tensor weight, RoundedWeights weights) =>
        layer.Node.Op is "MatMul" or "Gemm" && weight.Type == DataType.Float && weights is { Bits: 4 or 8, Widths: null, Columns: >= Block };

    /// <summary>The layer's nodes; constants go into the graph.</summary>
    /// <param name="node">The layer's, with its bias in place.</param>
    public static IEnumerable<Node> Write(OnnxGraph graph, Node node, Layer layer, RoundedWeights weights)
    {
        var blocks = (weights.Columns + Block - 1) / Block;
        var (codes, scales) = (layer.Weight + ".c", layer.Weight + ".s");
        graph.Constants[codes] = new Tensor(DataType.Uint8, [weights.Rows, blocks, Block * weights.Bits / 8], Codes(weights, blocks));
        graph.Constants[scales] = Tensor.Of([.. weights.Scales.SelectMany(scale => Enumerable.Repeat(scale, blocks))], weights.Rows * blocks);
        var bias = node.Op == "Gemm" ? node.Input(2) : "";
        var product = bias.Length > 0 ? node.Output + ".p" : node.Output;
        yield return new Node(Operator, [node.Inputs[0], codes, scales], [product], node.Name, OperatorForm.Microsoft)
            .Set("K", (long)weights.Columns).Set("N", (long)weights.Rows).Set("bits", (long)weights.Bits).Set("block_size", (long)Block).Set("accuracy_level", (long)IntegersInside);
        if (bias.Length > 0) yield return new Node("Add", [product, bias], node.Outputs, node.Name + ".b");
    }

    private static byte[] Codes(RoundedWeights weights, int blocks)
    {
        var (width, zero, slots) = (blocks * Block, 1 << (weights.Bits - 1), 8 / weights.Bits);
        var packed = new byte[weights.Rows * width / slots];
        for (var row = 0; row < weights.Rows; row++)
            for (var column = 0; column < width; column++)
            {
                // The last block is filled up with zeros.
                var code = column < weights.Columns ? weights.Codes[(row * weights.Columns) + column] : 0;
                packed[((row * width) + column) / slots] |= (byte)((code + zero) << (column % slots * weights.Bits));
            }
        return packed;
    }
}
