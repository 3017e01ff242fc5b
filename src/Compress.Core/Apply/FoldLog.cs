namespace Compress.Apply;

/// <summary>What kind of simplification was made.</summary>
public enum FoldKind
{
    /// <summary>A node with constant inputs became a constant.</summary>
    Constant,

    /// <summary>A node that hands its input on unchanged was removed.</summary>
    NoOp,

    /// <summary>A per-channel scale and shift went into the weights of the layer before it.</summary>
    IntoPrevious,

    /// <summary>A per-channel scale and shift went into the weights of the layer after it.</summary>
    IntoNext,

    /// <summary>A hard-sigmoid that was written out became one node.</summary>
    HardSigmoid,

    /// <summary>A quantizer to int8 became one to uint8.</summary>
    Unsigned,
}

/// <summary>One simplification: the node that went away or took another type (name and operator), and the layer that took it up, if any.</summary>
public sealed record Fold(FoldKind Kind, string Node, string Op, string? Into = null);

/// <summary>Everything that <see cref="Folding"/> did, in order.</summary>
public sealed record FoldLog(IReadOnlyList<Fold> Folds)
{
    public int Count(FoldKind kind) => Folds.Count(fold => fold.Kind == kind);

    public override string ToString() => string.Join(", ", Folds.GroupBy(fold => fold.Kind).Select(group => $"{group.Key}: {group.Count()}"));
}
