namespace Compress.Policy;

/// <summary>The table of keys: the sections of a model.</summary>
internal static class SectionKeys
{
    public static readonly Choice<RangeMethod> Ranges = new(
        ("auto", RangeMethod.Auto), ("min-max", RangeMethod.MinMax), ("mean-min-max", RangeMethod.MeanMinMax), ("percentile", RangeMethod.Percentile), ("entropy", RangeMethod.Entropy), ("mse", RangeMethod.Mse));

    public static readonly Choice<MetricKind> Metrics = new(
        ("top1", MetricKind.Top1), ("top5", MetricKind.Top5), ("mse", MetricKind.Mse), ("psnr", MetricKind.Psnr), ("cosine", MetricKind.Cosine),
        ("kl", MetricKind.Kl), ("agreement", MetricKind.Agreement), ("iou", MetricKind.Iou), ("command", MetricKind.Command));

    public static readonly Choice<Rounding> Roundings = new(
        ("auto", Rounding.Auto), ("nearest", Rounding.Nearest), ("max", Rounding.Max), ("gptq", Rounding.Gptq), ("adaround", Rounding.AdaRound), ("nested", Rounding.Nested));

    public static readonly Choice<RangeSource> RangeSources = new(("auto", RangeSource.Auto), ("static", RangeSource.Static), ("dynamic", RangeSource.Dynamic));

    private static readonly Kind<int> WeightBits = new OrWord<int>(new Whole(2, 8), "ternary", QuantizePolicy.Ternary);

    private static readonly Whole ActivationBits = new(4, 8, 16, 32);

    private static readonly Number AnyNumber = new();

    public static readonly Section<Preprocess> Preprocess = new Section<Preprocess>("preprocess", "'preprocess'", _ => new())
        .Key("scale", new Number(0, above: true), "Factor of every value, the first step: y = (x · scale − mean) / std.",
            (p, v) => p with { Scale = (float)v.Value }, "1", "1/255")
        .Key("mean", new ListOf<double>(AnyNumber, unique: false), "Subtracted after scaling; one value, or one a channel.",
            (p, v) => p with { Mean = Floats(v.Value) }, "0", "[0.485, 0.456, 0.406]")
        .Key("std", new ListOf<double>(new Number(0, above: true), unique: false), "Divisor after that; one value, or one a channel.",
            (p, v) => p with { Std = Floats(v.Value) }, "1", "[0.229, 0.224, 0.225]")
        .Key("layout", new Choice<Layout>(("nchw", Layout.Nchw), ("nhwc", Layout.Nhwc)), "Order of the axes that the model wants, for data with channels last.",
            (p, v) => p with { Layout = v.Value }, "as the data are", "nchw")
        .Key("resize", new HeightAndWidth(), "Height and width that images are resized to.",
            (p, v) => p with { Resize = v.Value }, "as the model's input says", "[224, 224]")
        .Key("inputs", new ListOf<string>(new Text()), "Model inputs that these steps apply to.",
            (p, v) => p with { Inputs = v.Value }, "every floating-point input");

    public static readonly Section<CalibrationPolicy> Calibration = new Section<CalibrationPolicy>("calibration", "'calibration'", _ => new() { Data = DataSource.None })
        .Key("data", new Samples(), "npz, npy, idx(.gz), csv, a folder of images or of test_data_set_*, or a mapping of inputs to file.npz:array.",
            (c, v) => c with { Data = v.Value }, example: "data/calibration.npz", presence: Presence.RequiredAfterDefaults)
        .Key("samples", new Whole(1, int.MaxValue), "How many of them are used at most.",
            (c, v) => c with { Samples = v.Value }, "512", "512")
        .Key("preprocess", Preprocess, "From raw data to the model's input.",
            (c, v) => c with { Preprocess = v.Value }, example: "{ scale: 1/255, mean: 0, std: 1 }")
        .Key("range", Ranges, "How an activation's range is taken from its histogram.",
            (c, v) => c with { Range = v.Value }, "auto", "auto");

    public static readonly Section<AccuracyPolicy> Accuracy = new Section<AccuracyPolicy>("accuracy", "'accuracy'", at => new() { Location = at })
        .Key("data", new Samples(), "Validation data that nothing was trained or calibrated on; the forms of calibration.data.",
            (a, v) => a with { Data = v.Value }, example: "data/validation.npz")
        .Key("labels", new Text(), "The array with the labels, or with the targets of mse and psnr.",
            (a, v) => a with { Labels = v.Value }, "labels; mse and psnr: the float model", "labels")
        .Key("metric", Metrics, "What is measured; cosine, kl and agreement need no labels.",
            (a, v) => a with { Metric = v.Value }, "top1", "top1")
        .Key("max-drop", new Number(0), "Largest loss against the float model, in the metric's unit (points; dB for psnr). Without it or 'min' any loss passes.",
            (a, v) => a with { MaxDrop = v }, example: "0.5")
        .Key("min", AnyNumber, "Worst value allowed, whatever the float model has; for mse and kl the largest.",
            (a, v) => a with { Min = v })
        .Key("samples", new Whole(1, int.MaxValue), "How many samples are used.",
            (a, v) => a with { Samples = v.Value }, "all", "5000")
        .Key("on-miss", new Choice<OnMiss>(("error", OnMiss.Error), ("warning", OnMiss.Warning)), "Whether a missed gate fails the build, or the model is shipped with a warning.",
            (a, v) => a with { OnMiss = v.Value }, "error", "error")
        .Key("preprocess", Preprocess, "From raw data to the model's input.",
            (a, v) => a with { Preprocess = v.Value }, "calibration.preprocess")
        .Key("output", new Text(), "The model output that the metric looks at.",
            (a, v) => a with { Output = v.Value }, "the first")
        .Key("target-scale", new Number(0, above: true), "Factor of the target array of mse and psnr.",
            (a, v) => a with { TargetScale = (float)v.Value }, "1")
        .Key("command", new Text(), "For 'metric: command': a command line with {model} in it; the last line that it prints is the number.",
            (a, v) => a with { Command = v.Value })
        .Key("timeout", new Duration("10min"), "How long the command may take.",
            (a, v) => a with { CommandTimeout = v.Value }, "10min")
        .Key("higher-is-better", new Flag(), "Whether a larger number of the command is a better one.",
            (a, v) => a with { HigherIsBetter = v.Value }, "true");

    public static readonly Section<BudgetPolicy> Budget = new Section<BudgetPolicy>("budget", "'budget'", at => new() { Location = at })
        .Key("size", new Bounded(Units.Size), "Bytes of the file: how many times less than the float model's, or an absolute value.",
            (b, v) => b with { Size = v.Value }, example: "10x")
        .Key("bops", new Bounded(Units.Operations), "Bit operations of one inference (MACs × weight bits × activation bits).",
            (b, v) => b with { Bops = v.Value }, example: "64x")
        .Key("macs", new Bounded(Units.Operations), "Multiply-accumulates of one inference.",
            (b, v) => b with { Macs = v.Value }, example: "2x")
        .Key("latency", new Bounded(Units.Time), "Time of one sample on one thread, measured on the machine that searches.",
            (b, v) => b with { Latency = v.Value }, example: "2x")
        .Key("memory", new Bounded(Units.Size), "Peak of the activations. Checked on the result; no method searches for it.",
            (b, v) => b with { Memory = v.Value }, example: "2x");

    public static readonly Section<QuantizePolicy> Quantize = new Section<QuantizePolicy>("quantize", "'quantize'", _ => new())
        .Key("weights", new ListOf<int>(WeightBits), "Bits; of a list, each layer gets the best. One number keeps 8 in first and last layer. Ternary takes 1.6 bits.",
            (q, v) => q with { Weights = [.. v.Value.Order()] }, "auto", "[2, 3, 4, 6, 8]")
        .Key("activations", new ListOf<int>(ActivationBits), "Bits of the activations; 32 keeps float, and says nothing beside other bits.",
            (q, v) => q with { Activations = [.. v.Value.Where(bits => bits < 32 || v.Value.Count == 1).Order()] }, "auto", "8")
        .Key("ranges", RangeSources, "Of what MatMul reads: from calibration, or found in every run. auto: as the gate needs it.",
            (q, v) => q with { Ranges = v.Value }, "auto", "auto")
        .Key("rounding", Roundings, "Weights. gptq feeds errors back; adaround learns; nested: one range.",
            (q, v) => q with { Rounding = v.Value }, "auto", "auto")
        .Key("keep-packed", new Flag(), "true: 4 and 8 bit weights of MatMul in float arithmetic stay packed as it runs, if no slower.",
            (q, v) => q with { KeepPacked = v.Value }, "false")
        .Key("allow-overflow", new Flag(), "true: 8-bit weights use all of int8, although sums may saturate on processors without VNNI.",
            (q, v) => q with { AllowOverflow = v.Value }, "false");

    public static readonly Section<PrunePolicy> Prune = new Section<PrunePolicy>("prune", "'prune'", _ => new())
        .Key("ratio", new Number(0, 0.95), "Share of the channels of every group that goes.",
            (p, v) => p with { Ratio = v.Value, Enabled = true }, "chosen", "0.25")
        .Key("spread", new Choice<PruneSpread>(("even", PruneSpread.Even), ("measured", PruneSpread.Measured)), "even: every group alike; measured: the same in all, where it costs least.",
            (p, v) => p with { Spread = v.Value }, "even")
        .Key("keep-multiple-of", new Whole(1, 1024), "Kept channel counts are multiples of this.",
            (p, v) => p with { KeepMultipleOf = v.Value }, "any; for macs and latency those that run faster on this machine", "8")
        .Key("factorize", new Flag(), "Whether 'method: auto' may write large layers as products of two smaller ones.",
            (p, v) => p with { Factorize = v.Value }, "true", "false");

    public static readonly Section<PicPqPolicy> PicPq = new Section<PicPqPolicy>("pic-pq", "'pic-pq'", _ => new())
        .Key("penalty", new Number(0, above: true), "Bits that a layer loses, times the share of its weight mass that it retains; rounded up.",
            (p, v) => p with { Penalty = v.Value }, "1/6", "1/6")
        .Key("most-bits", new ListOf<int>(new Whole(2, 8), unique: false), "Bits of an uncut layer by depth: one number for each equal part of the layers between the first and the last.",
            (p, v) => p with { MostBits = v.Value }, "[8, 6, 4]", "[8, 6, 4]");

    public static readonly Section<QapPolicy> Qap = new Section<QapPolicy>("qap", "'qap'", _ => new())
        .Key("noise", new Choice<NoiseUnit>(("channel", NoiseUnit.Channel), ("weight", NoiseUnit.Weight)), "What has a dropout rate of its own.",
            (q, v) => q with { Noise = v.Value }, "channel", "channel")
        .Key("guard", new Whole(0, 4), "Learned rates go down to that of so many more bits than the widest of 'weights'.",
            (q, v) => q with { Guard = v.Value }, "0", "0");

    public static readonly Section<LayerRule> Layer = new Section<LayerRule>("layer", "a layer rule", at => new(at))
        .Key("match", new Text(), "Pattern over the whole name of the layer in the original graph, with * and ?.",
            (l, v) => l with { Match = v.Value }, "*")
        .Key("type", new Text(), "Operator type, such as Conv.",
            (l, v) => l with { Type = v.Value })
        .Key("position", new Choice<LayerPosition>(("first", LayerPosition.First), ("last", LayerPosition.Last)), "The first or last layer that has weights.",
            (l, v) => l with { Position = v.Value })
        .Key("prune", new FlagOrNumber(new Number(0, 0.95)), "false: all channels stay. A number: the share that goes of the channels which the layer makes: filters, hidden units, attention heads.",
            (l, v) => l with { Prune = v.Value.Flag, PruneRatio = v.Value.Number })
        .Key("weights", WeightBits, "Bits of the weights.",
            (l, v) => l with { Weights = v.Value })
        .Key("activations", ActivationBits, "Bits of the activations; 32 keeps float.",
            (l, v) => l with { Activations = v.Value })
        .Key("keep", new Choice<bool>(("float", true)), "float: the layer is not quantized.",
            (l, v) => l with { KeepFloat = v.Value });

    public static readonly Section<TrainPolicy> Train = new Section<TrainPolicy>("train", "'train'", _ => new() { Data = DataSource.None })
        .Key("data", new Samples(), "Training data; the forms of calibration.data.",
            (t, v) => t with { Data = v.Value }, example: "data/train.npz", presence: Presence.RequiredAfterDefaults)
        .Key("labels", new Text(), "Class numbers (negative: not known) or values as the output's (NaN: not known).",
            (t, v) => t with { Labels = v.Value }, "none, the float model is the teacher", "labels")
        .Key("target-scale", new Number(0, above: true), "Factor of labels that are values.",
            (t, v) => t with { TargetScale = (float)v.Value }, "1")
        .Key("epochs", new Number(0, above: true), "Passes over the data.",
            (t, v) => t with { Epochs = v.Value }, "5, or what fits the minutes", "5")
        .Key("minutes", new Number(0, above: true), "Time limit.",
            (t, v) => t with { Minutes = v.Value })
        .Key("distill", new Flag(), "Whether the float model's outputs are learned from.",
            (t, v) => t with { Distill = v.Value }, "true", "true")
        .Key("features", new Flag(), "Whether the float model's values at the ends of blocks are learned from as well.",
            (t, v) => t with { Features = v.Value }, "false", "true")
        .Key("position-scaled", new Flag(), "Whether weights are trained unrounded, each moved in proportion to its distance from the grid, on which they come to rest.",
            (t, v) => t with { PositionScaled = v.Value }, "false", "false")
        .Key("optimizer", new Choice<OptimizerKind>(("adam", OptimizerKind.Adam), ("sgd", OptimizerKind.Sgd)), "How weights follow their gradients; sgd has a momentum of 0.9.",
            (t, v) => t with { Optimizer = v.Value }, "adam", "sgd")
        .Key("rate", new Number(0, above: true), "Largest rate of learning, in units of each tensor's own size.",
            (t, v) => t with { Rate = v.Value }, "0.005", "0.002")
        .Key("schedule", new Choice<RateSchedule>(("cosine", RateSchedule.Cosine), ("step", RateSchedule.Step)), "How the rate falls: along a cosine, or to a tenth at 50 and at 75 %.",
            (t, v) => t with { Schedule = v.Value }, "cosine", "step")
        .Key("weight-decay", new Number(0), "Share of its value that a weight loses in a step of rate 1.",
            (t, v) => t with { WeightDecay = v.Value }, "0", "0.01")
        .Key("cutout", new Number(0, 1), "Side of the square that is blanked in each image, as a share of the image's.",
            (t, v) => t with { Cutout = v.Value }, "0", "0.25")
        .Key("store", new FileToWrite(), "File for the trained weights, relative to this policy: kept with the lock file, a locked build needs no cache.",
            (t, v) => t with { Store = v.Value }, "none, the cache has them");

    private static IReadOnlyList<float> Floats(IReadOnlyList<double> values) => [.. values.Select(v => (float)v)];
}
