using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Testing.Networks;

/// <summary>Recurrent networks.</summary>
internal static class Recurrent
{
    /// <summary>Sentence encoder: embedding, two bidirectional LSTM layers, maximum over time, dense: ids [N, 32] → [N, 64].</summary>
    public static OnnxModel LstmEncoder()
    {
        const int Width = 128, Hidden = 128;
        var b = new Blocks(61);
        b.Builder.Input("ids", DataType.Int64, -1, SyntheticData.Length);
        var x = b.Transpose(b.Op("Gather", [b.Builder.Constant(b.Builder.Random(0.5, SyntheticData.Words, Width), "table"), "ids"]), 1, 0, 2);
        x = Layer(b, "LSTM", 4, x, Width, Hidden, directions: 2, SyntheticData.Length);
        x = Layer(b, "LSTM", 4, x, 2 * Hidden, Hidden, directions: 2, SyntheticData.Length);
        var most = b.Op("ReduceMax", [x], node => node.Set("axes", [0]).Set("keepdims", 0));
        return b.Build(b.Dense(most, 2 * Hidden, 64));
    }

    /// <summary>Keyword spotting: two convolutions along time, two GRU layers, the last state: [N, 48, 40] → 12 scores.</summary>
    public static OnnxModel Gru()
    {
        const int Width = 128, Hidden = 192, Steps = SyntheticData.Frames / 2;
        var b = new Blocks(62);
        b.Builder.Input("x", -1, SyntheticData.Frames, SyntheticData.Bands);
        string Conv(string value, int inputs, int stride) => b.Relu(b.Op("Conv", [value, b.Builder.Constant(b.Builder.Random(Math.Sqrt(2.0 / (3 * inputs)), Width, inputs, 3), "w"), b.Builder.Constant(b.Builder.Random(0.05, Width), "b")], node => node.Set("kernel_shape", [3L]).Set("strides", [(long)stride]).Set("pads", [1, 1])));
        var x = b.Transpose(Conv(Conv(b.Transpose("x", 0, 2, 1), SyntheticData.Bands, 1), Width, 2), 2, 0, 1);
        x = Layer(b, "GRU", 3, x, Width, Hidden, directions: 1, Steps);
        x = Layer(b, "GRU", 3, x, Hidden, Hidden, directions: 1, Steps);
        var last = b.Op("Gather", [x, b.Builder.Constant(Tensor.Of([(long)(Steps - 1)]))], node => node.Set("axis", 0));
        return b.Build(b.Dense(last, Hidden, 12));
    }

    /// <summary>[steps, N, inputs] → [steps, N, directions · hidden].</summary>
    private static string Layer(Blocks b, string op, int gates, string x, int inputs, int hidden, int directions, int steps)
    {
        string Weights(int columns) => b.Builder.Constant(b.Builder.Random(Math.Sqrt(1.0 / columns), directions, gates * hidden, columns), "w");
        var all = b.Op(op, [x, Weights(inputs), Weights(hidden), b.Builder.Constant(b.Builder.Random(0.05, directions, 2 * gates * hidden), "b")], node =>
        {
            node.Set("hidden_size", hidden).Set("direction", directions == 2 ? "bidirectional" : "forward");
            if (op == "GRU") node.Set("linear_before_reset", 1);
        });
        return b.Reshape(b.Transpose(all, 0, 2, 1, 3), steps, -1, directions * hidden);
    }
}
