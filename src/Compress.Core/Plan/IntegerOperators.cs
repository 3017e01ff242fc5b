namespace Compress.Plan;

/// <summary>What an operator does when its input is quantized.</summary>
public enum IntegerRole
{
    /// <summary>Stays in float.</summary>
    None,

    /// <summary>Has weights; ONNX Runtime has an integer kernel between Dequantize and Quantize.</summary>
    Weighted,

    /// <summary>Integer kernel with a grid of its own for the output.</summary>
    Rescaling,

    /// <summary>Moves or selects values: runs on the integers themselves, on the same grid.</summary>
    Moving,

    /// <summary>Bounds values: melts into its producer's grid, or runs on the integers.</summary>
    Bounding,
}

/// <summary>The table of operators that stay in integers on ONNX Runtime's CPU provider (kernels of 1.14 to 1.29).</summary>
public static class IntegerOperators
{
    private static readonly Dictionary<string, IntegerRole> Table = new()
    {
        ["Conv"] = IntegerRole.Weighted,
        ["MatMul"] = IntegerRole.Weighted,
        ["Gemm"] = IntegerRole.Weighted,
        ["Add"] = IntegerRole.Rescaling,
        ["Mul"] = IntegerRole.Rescaling,
        ["Concat"] = IntegerRole.Rescaling,
        ["GlobalAveragePool"] = IntegerRole.Rescaling,
        ["AveragePool"] = IntegerRole.Rescaling,
        ["LeakyRelu"] = IntegerRole.Rescaling,
        ["Sigmoid"] = IntegerRole.Rescaling,
        ["MaxPool"] = IntegerRole.Moving,
        ["Reshape"] = IntegerRole.Moving,
        ["Flatten"] = IntegerRole.Moving,
        ["Transpose"] = IntegerRole.Moving,
        ["Squeeze"] = IntegerRole.Moving,
        ["Unsqueeze"] = IntegerRole.Moving,
        ["Slice"] = IntegerRole.Moving,
        ["Split"] = IntegerRole.Moving,
        ["Gather"] = IntegerRole.Moving,
        ["Identity"] = IntegerRole.Moving,
        ["Resize"] = IntegerRole.Moving,
        ["Relu"] = IntegerRole.Bounding,
        ["Clip"] = IntegerRole.Bounding,
    };

    public static IntegerRole RoleOf(Graph.Node node)
    {
        if (node.Domain.Length > 0 || !Table.TryGetValue(node.Op, out var role)) return IntegerRole.None;
        // Interpolation computes new values; only nearest moves them. MaxPool's second output are positions, which no integer kernel gives.
        if (node.Op == "Resize" && node.Text("mode", "nearest") != "nearest") return IntegerRole.None;
        return node.Op == "MaxPool" && node.Outputs.Count > 1 ? IntegerRole.None : role;
    }
}
