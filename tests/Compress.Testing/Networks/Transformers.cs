using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Testing.Networks;

/// <summary>Attention networks.</summary>
internal static class Transformers
{
    /// <summary>Vision transformer (Dosovitskiy et al. 2021): patches, class token, normalization first: [N, 3, 64, 64] → 50 classes.</summary>
    public static OnnxModel ViT()
    {
        const int Width = 192, Heads = 3, Tokens = 65;
        var b = new Blocks(51);
        var patches = b.Conv(b.Image(64), Width, 8, stride: 8, bias: true, pad: 0);
        var sequence = b.Transpose(b.Reshape(patches, 0, Width, 64), 0, 2, 1);
        var batch = b.Op("Slice", [b.Op("Shape", ["x"]), b.List(0), b.List(1)]);
        var token = b.Op("Expand", [b.Builder.Constant(b.Builder.Random(0.5, 1, 1, Width), "cls"), b.Op("Concat", [batch, b.List(1, Width)], node => node.Set("axis", 0))]);
        var x = b.Op("Add", [b.Op("Concat", [token, sequence], node => node.Set("axis", 1)), b.Builder.Constant(b.Builder.Random(0.3, 1, Tokens, Width), "pos")]);
        for (var i = 0; i < 3; i++)
        {
            x = b.Op("Add", [x, Attention(b, b.LayerNorm(x, Width), Width, Heads, Tokens, mask: null, joint: true)]);
            x = b.Op("Add", [x, b.Dense(b.Gelu(b.Dense(b.LayerNorm(x, Width), Width, 4 * Width)), 4 * Width, Width, gain: 1.5)]);
        }
        var first = b.Op("Gather", [b.LayerNorm(x, Width), b.Builder.Constant(Tensor.Of([0L]))], node => node.Set("axis", 1));
        return b.Build(b.Op("Gemm", [first, b.Builder.Constant(b.Builder.Random(0.07, 50, Width), "w"), b.Builder.Constant(b.Builder.Random(0.02, 50), "b")], node => node.Set("transB", 1)));
    }

    /// <summary>BERT (Devlin et al. 2019): three embeddings, attention mask, normalization after the sum, pooler: → 3 classes.</summary>
    public static OnnxModel Bert()
    {
        const int Width = 192, Heads = 4, Length = SyntheticData.Length;
        var b = new Blocks(52);
        foreach (var name in (string[])["input_ids", "attention_mask", "token_type_ids"]) b.Builder.Input(name, DataType.Int64, -1, Length);
        string Table(int rows, string ids) => b.Op("Gather", [b.Builder.Constant(b.Builder.Random(0.5, rows, Width), "table"), ids]);
        var positions = b.Builder.Constant(b.Builder.Random(0.3, 1, Length, Width), "pos");
        var x = b.LayerNorm(b.Op("Add", [b.Op("Add", [Table(SyntheticData.Words, "input_ids"), Table(2, "token_type_ids")]), positions]), Width);
        var wide = b.Op("Unsqueeze", ["attention_mask", b.List(1, 2)]);
        var mask = b.Op("Mul", [b.Op("Sub", [b.Scalar(1), b.Op("Cast", [wide], node => node.Set("to", (long)DataType.Float))]), b.Scalar(-10000)]);
        for (var i = 0; i < 3; i++)
        {
            x = b.LayerNorm(b.Op("Add", [Attention(b, x, Width, Heads, Length, mask, joint: false), x]), Width);
            x = b.LayerNorm(b.Op("Add", [b.Dense(b.Gelu(b.Dense(x, Width, 4 * Width)), 4 * Width, Width, gain: 1.5), x]), Width);
        }
        var first = b.Op("Gather", [x, b.Builder.Constant(Tensor.Of([0L]))], node => node.Set("axis", 1));
        string Gemm(string value, int outputs) => b.Op("Gemm", [value, b.Builder.Constant(b.Builder.Random(0.1, outputs, Width), "w"), b.Builder.Constant(b.Builder.Random(0.02, outputs), "b")], node => node.Set("transB", 1));
        return b.Build(Gemm(b.Op("Tanh", [Gemm(first, Width)]), 3));
    }

    /// <param name="joint">Query, key and value by one matrix and three slices, else by three matrices.</param>
    private static string Attention(Blocks b, string x, int width, int heads, int length, string? mask, bool joint)
    {
        var size = width / heads;
        var all = joint ? b.Dense(x, width, 3 * width) : "";
        string Part(long i) => joint ? b.Op("Slice", [all, b.List(i * width), b.List((i + 1) * width), b.List(2)]) : b.Dense(x, width, width);
        string Heads(string value) => b.Transpose(b.Reshape(value, 0, length, heads, size), 0, 2, 1, 3);
        var (q, k, v) = (Heads(Part(0)), Heads(Part(1)), Heads(Part(2)));
        var scores = b.Op("Div", [b.Op("MatMul", [q, b.Transpose(k, 0, 1, 3, 2)]), b.Scalar(MathF.Sqrt(size) / 2)]);
        if (mask is not null) scores = b.Op("Add", [scores, mask]);
        var mixed = b.Op("MatMul", [b.Op("Softmax", [scores], node => node.Set("axis", -1)), v]);
        return b.Dense(b.Reshape(b.Transpose(mixed, 0, 2, 1, 3), 0, length, width), width, width);
    }
}
