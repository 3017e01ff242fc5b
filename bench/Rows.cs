namespace Compress.Bench;

/// <summary>The declared rows, the most telling first.</summary>
internal static class Rows
{
    private const string NoPruning = "prune: none";
    private const string Float = "quantize: none";

    /// <summary>The layers of sentence-embedding that make the queries: a rule for one holds for its heads, keys, values and output projection with it.</summary>
    private static readonly int[] Queries = [60, 103, 145, 187, 229, 271];

    public static readonly IReadOnlyList<Row> All =
    [
        // Quantization alone.
        Bits("resnet20", "int8", 8, "kb <= 300, top1 >= 93.15", peers: true),
        Bits("resnet20", "4-bit weights", 4, "kb <= 165, top1 >= 93.05", peers: true),
        Bits("resnet20", "2-bit weights", 2, "kb <= 95, top1 >= 92.8", peers: true),
        new("resnet20 ternary weights", $"quantize: {{ weights: ternary, activations: 8 }}\n{NoPruning}", ""),
        Bits("lenet5", "int8", 8, "kb <= 440, top1.drop <= 0.15", peers: true),
        Bits("lenet5", "4-bit weights", 4, "kb <= 225, top1.drop <= 0.15", peers: true),
        Bits("text-detection", "int8", 8, "size >= 3.8, x1 >= 1.333, cosine >= 0.995", peers: true),
        Bits("text-direction", "int8", 8, "size >= 3.5, x1 >= 1.25, cosine >= 0.99, top1.drop <= 0.5", peers: true),
        Bits("voice-activity", "int8", 8, "size >= 3, x1 >= 1, difference.mean <= 0.01"),
        Bits("sentence-embedding", "int8", 8, "kb <= 23000, cosine >= 0.995, x1 >= 2.222, x32 >= 2.222"),
        new("sentence-embedding 13 MB", "quantize: { weights: 5, activations: 8 }\nprune: none\nlayers: [{ type: Gather, weights: 4 }, { position: first, weights: 4 }, { position: last, weights: 5 }]", "kb <= 13000, cosine >= 0.98"),
        Bits("mobilenetv2", "int8", 8, "", peers: true),
        Bits("resnet56", "int8", 8, "", peers: true),

        // Channels and bits under one budget.
        Budget("resnet20", "size: 12x", "size >= 12, top1.drop <= 0.15"),
        Budget("resnet20", "size: 15x", "size >= 15, top1.drop <= 0.5"),
        Budget("resnet20", "bops: 64x", "bops >= 64, top1.drop <= 0.15"),
        Budget("resnet20", "bops: 110x", "bops >= 110, top1.drop <= 0.45"),
        Budget("resnet20", "bops: 200x", "bops >= 200, top1.drop <= 1.5"),

        Budget("resnet20", "size: 20x", ""),

        // Channels alone.
        Prune("resnet20", "25 %", 0.25, "top1 >= 92.6"),
        Prune("resnet20", "50 %", 0.5, "top1 >= 90.2"),
        new("resnet20 50 % of channels, reconstructed", $"{Float}\nprune: {{ ratio: 0.5 }}\nreconstruct: 30", ""),
        Macs("resnet20", 2, "macs >= 2, top1 >= 92.9"),
        Macs("resnet20", 3, "macs >= 3, top1 >= 92.3"),
        Macs("resnet20", 4, "macs >= 4, top1 >= 91.3"),

        // The other models under a budget.
        Budget("lenet5", "size: 35x", "size >= 35, top1.drop <= 0.3"),
        Budget("lenet5", "bops: 120x", "bops >= 120, top1.drop <= 0.3"),
        Budget("mobilenetv2", "size: 8x", "size >= 8, top1.drop <= 0.5"),
        Budget("denoiser", "size: 10x", "size >= 10, psnr.drop <= 0.25"),
        Budget("detector", "size: 8x", "size >= 8, iou.drop <= 0.01"),
        Budget("text-direction", "size: 3.6x, latency: 1.3x", "size >= 3.5, x1 >= 1.25, top1.drop <= 0.5"),
        Budget("pendulum", "size: 8x", "size >= 8, return.drop <= 3.07"),
        Budget("resnet56", "size: 14x", "size >= 14, top1.drop <= 0.25"),
        Budget("resnet56", "bops: 64x", "bops >= 64, top1.drop <= 0.3"),
        Budget("resnet56", "bops: 128x", "bops >= 128, top1.drop <= 0.9"),
        Budget("resnet56", "latency: 4x", "x1 >= 4, x32 >= 4, top1.drop <= 0.5"),
        Macs("resnet56", 2, "macs >= 2, top1.drop <= 0.3, x1 >= 1.6, x32 >= 1.6", latency: 1.65),
        Macs("resnet56", 4, "macs >= 4, top1.drop <= 1.2, x1 >= 2.8, x32 >= 2.8", latency: 2.85),
        new("lenet5 macs ÷ 4, size ÷ 4", $"{Float}\nbudget: {{ macs: 4x, size: 4x }}", "macs >= 4, size >= 4, top1.drop <= 0.2"),
        Macs("mobilenetv2", 1.5, "macs >= 1.5, top1.drop <= 0.7"),
        Macs("denoiser", 2, "macs >= 2, psnr.drop <= 0.3"),
        new("sentence-embedding a third of the units, a quarter of the heads", $"{Float}\nprune: {{ ratio: 1/3, spread: measured }}\nlayers: [{string.Join(", ", Queries.Select(layer => $"{{ match: node_MatMul_{layer}, prune: 0.25 }}"))}]\nreconstruct: 20", "cosine >= 0.97"),

        // With training on the training set; the first row is the same without. Minutes are those of training; the search takes two more for resnet20, three for mobilenetv2 and five for resnet56.
        Budget("lenet5", "size: 80x", ""),
        Trained("lenet5", "size: 80x", 5, "size >= 80, top1.drop <= 0.2"),
        Trained("resnet20", "bops: 64x", 12, "bops >= 64, top1.drop <= 0"),
        Trained("resnet20", "bops: 110x", 12, "bops >= 110, top1.drop <= 0.1"),
        Trained("resnet20", "bops: 250x", 12, "bops >= 250, top1.drop <= 0.8"),
        Trained("resnet20", "size: 18x", 12, "size >= 18, top1.drop <= 0.2"),
        Trained("mobilenetv2", "bops: 64x, size: 9x", 12, "bops >= 64, size >= 9, top1.drop <= 0.2"),
        Trained("resnet56", "bops: 100x", 35, "bops >= 100, top1.drop <= 0"),
        Trained("resnet56", "bops: 200x", 35, "bops >= 200, top1.drop <= 0.4"),

        // Towards the float model's outputs alone, on the calibration samples.
        Trained("denoiser", "size: 14x", "minutes: 10", "size >= 14, psnr.drop <= 0.1"),
        // A control loop feels small torques that a mean square hardly sees: a low rate stays near the fit.
        Trained("pendulum", "size: 12x", "minutes: 3, rate: 0.0003", "size >= 12, return.drop <= 1.07"),

        // With boxes as labels, on scenes made from the training images.
        Trained("detector", "size: 12x, macs: 2x", "labels: targets, minutes: 20", "size >= 12, macs >= 2, iou.drop <= 0"),

        // Published systems in their trained forms, under the same budgets.
        .. ((string[])["qap", "djpq", "pic-pq", "layerwise", "ajpq"]).SelectMany(method => (Row[])
        [
            TrainedAs(method, "lenet5", "size: 80x", "labels: labels, minutes: 5", "size >= 80, top1.drop <= 0.2"),
            TrainedAs(method, "pendulum", "size: 12x", "minutes: 3", "size >= 12, return.drop <= 1.07"),
        ]),
    ];

    private static Row Bits(string model, string name, int bits, string target, bool peers = false) =>
        new($"{model} {name}", $"quantize: {{ weights: {bits}, activations: 8 }}\n{NoPruning}", target, peers);

    private static string Named(string model, string budget) => $"{model} {budget.Replace(": ", " ÷ ", StringComparison.Ordinal).Replace("x,", ",", StringComparison.Ordinal).TrimEnd('x')}";

    private static Row Budget(string model, string budget, string target) =>
        new(Named(model, budget), $"budget: {{ {budget} }}", target);

    private static Row Trained(string model, string budget, int minutes, string target) => Trained(model, budget, FormattableString.Invariant($"labels: labels, minutes: {minutes}"), target);

    private static Row Trained(string model, string budget, string how, string target) =>
        new($"{Named(model, budget)}, trained", $"budget: {{ {budget} }}\ntrain: {{ data: {Row.Train}, {how} }}", target);

    private static Row TrainedAs(string method, string model, string budget, string how, string target)
    {
        var row = Trained(model, budget, how, target);
        return row with { Name = $"{row.Name} as {method}", Policy = $"method: {method}\n{row.Policy}" };
    }

    private static Row Prune(string model, string name, double ratio, string target) =>
        new($"{model} {name} of channels", FormattableString.Invariant($"{Float}\nprune: {{ ratio: {ratio} }}"), target);

    private static Row Macs(string model, double factor, string target, double? latency = null) =>
        new(FormattableString.Invariant($"{model} macs ÷ {factor}"), FormattableString.Invariant($"{Float}\nbudget: {{ macs: {factor}x{(latency is null ? "" : $", latency: {latency}x")} }}"), target);
}
