namespace Compress.Graph;

/// <summary>Changes one node of the operator set before into the form of the set that the rule stands for.</summary>
internal delegate void Rewrite(UpgradeScope scope, Node node);

/// <summary>
/// THE TABLE of opset changes from 7 to 24: one row per operator and version whose old form means something else in that version, or
/// nothing. Versions that only add types, or attributes whose default is the old behaviour, need no row.
/// </summary>
internal static class OpsetRules
{
    private static readonly (int Since, string[] Ops, Rewrite Rewrite)[] Rows =
    [
        (9, ["BatchNormalization"], UpgradeRules.RequireSpatial),
        (9, ["Scan"], UpgradeRules.RefuseBatchedScan),
        (9, ["Upsample"], UpgradeResize.ScalesToInput),
        (10, ["Dropout"], UpgradeRules.RequireUnusedMask),
        (10, ["Slice"], UpgradeRules.SliceToInputs),
        (10, ["TopK"], UpgradeRules.CountToInput),
        (10, ["Upsample"], UpgradeResize.ToResize),
        (11, ["Clip"], UpgradeRules.BoundsToInputs),
        (11, ["Pad"], UpgradeRules.PadsToInputs),
        (11, ["Resize"], UpgradeResize.StateCoordinates),
        (11, ["Scatter"], UpgradeRules.ToScatterElements),
        (12, ["Dropout"], UpgradeRules.DropRatio),
        (13, ["Softmax", "LogSoftmax", "Hardmax"], UpgradeRules.FlattenAroundSoftmax),
        (13, ["ReduceSum", "Squeeze", "Unsqueeze"], UpgradeRules.AxesToInput),
        (13, ["Resize"], UpgradeResize.DropEmptyInputs),
        (13, ["Split"], UpgradeRules.SplitToInput),
        (14, ["BatchNormalization"], UpgradeRules.RequireInference),
        (16, ["RoiAlign"], UpgradeRules.StateRoiCoordinates),
        (18, ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"], UpgradeRules.AxesToInput),
        (18, ["Split"], UpgradeRules.CountSplits),
        (20, ["DFT"], UpgradeRules.TransformAxisToInput),
        (20, ["GridSample"], UpgradeRules.RenameSampleModes),
        (21, ["GroupNormalization"], UpgradeRules.ScalePerChannel),
    ];

    private static readonly Dictionary<(string Op, int Since), Rewrite> ByOperator =
        Rows.SelectMany(row => row.Ops.Select(op => (Key: (op, row.Since), row.Rewrite))).ToDictionary(row => row.Key, row => row.Rewrite);

    /// <summary>Every (operator, version) that has a rule.</summary>
    public static IEnumerable<(string Op, int Since)> All => ByOperator.Keys;

    public static Rewrite? Rewrite(string op, int version) => ByOperator.GetValueOrDefault((op, version));
}
