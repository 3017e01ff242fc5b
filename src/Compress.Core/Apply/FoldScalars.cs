using Compress.Graph;

namespace Compress.Apply;

/// <summary>
/// Single numbers on their way to a layer: (x · s) · t = x · (s·t), and before a padded convolution, which takes up a factor but no summand,
/// x · s + b = (x + b/s) · s. Learned scales and shifts in networks for phones.
/// </summary>
internal static class FoldScalars
{
    private static readonly HashSet<string> Layers = new(["Conv", "ConvTranspose"], StringComparer.Ordinal);

    public static void Apply(FoldScope scope)
    {
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var node in scope.Graph.Nodes.ToArray())
                if (Factor(scope, node) is { } factor && (Merged(scope, node, factor) ?? Swapped(scope, node, factor)) is { } fold)
                {
                    scope.Changed(fold);
                    changed = true;
                }
        }
    }

    /// <summary>A product of two factors into one.</summary>
    private static Fold? Merged(FoldScope scope, Node node, double factor)
    {
        if (scope.Index.OnlyConsumer(node.Output) is not { } next || Data(scope, next) != node.Output || Factor(scope, next) is not { } other) return null;
        Become(scope, next, "Mul", Data(scope, node)!, factor * other);
        scope.Graph.Nodes.Remove(node);
        return new(FoldKind.IntoNext, node.Name, node.Op, next.Name);
    }

    /// <summary>Factor and summand change places before a layer that takes up the factor alone.</summary>
    private static Fold? Swapped(FoldScope scope, Node node, double factor)
    {
        if (scope.Index.OnlyConsumer(node.Output) is not { } sum || !sum.Is("Add") || Data(scope, sum) != node.Output || Constant(scope, sum) is not { } summand) return null;
        if (scope.Index.OnlyConsumer(sum.Output) is not { } layer || !Layers.Contains(layer.Op) || FoldTarget.Of(scope, layer) is null || layer.Input(0) != sum.Output || FoldIntoNext.TakesShift(layer)) return null;
        var shift = summand / factor;
        if (!float.IsFinite((float)shift) || Math.Abs(shift) > 1e4) return null;
        Become(scope, node, "Add", Data(scope, node)!, shift);
        Become(scope, sum, "Mul", node.Output, factor);
        return new(FoldKind.IntoNext, node.Name, "Mul", layer.Name);
    }

    private static void Become(FoldScope scope, Node node, string op, string data, double value)
    {
        var like = scope.Graph.Constants[node.Inputs.First(input => scope.Graph.Constants.ContainsKey(input))];
        node.Op = op;
        node.Inputs.Clear();
        node.Inputs.AddRange([data, scope.AddConstant($"{node.Name}_scalar", like.WithDoubles([value], like.Dims))]);
    }

    /// <summary>What a node multiplies by, when that is one number.</summary>
    public static double? Factor(FoldScope scope, Node node) => Constant(scope, node) is { } value && value != 0 ? node.Op switch
    {
        "Mul" => value,
        "Div" when scope.Graph.Constants.ContainsKey(node.Inputs[1]) => 1 / value,
        _ => null,
    } : null;

    public static string? Data(FoldScope scope, Node node) => node.Inputs.FirstOrDefault(input => !scope.Graph.Constants.ContainsKey(input));

    /// <summary>The one number of a float product or sum; its rank must be so low that nothing is enlarged by it.</summary>
    public static double? Constant(FoldScope scope, Node node) =>
        node.Domain.Length == 0 && node.Op is "Mul" or "Div" or "Add" && node.Inputs.Count == 2 && node.Inputs.Count(scope.Graph.Constants.ContainsKey) == 1
            && scope.Graph.Constant(node.Inputs.First(scope.Graph.Constants.ContainsKey)) is { IsFloat: true, Count: 1, Rank: <= 1 } constant && double.IsFinite(constant.Doubles()[0])
            ? constant.Doubles()[0] : null;
}
