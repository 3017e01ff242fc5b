using System.Collections.Concurrent;
using Compress.Analysis;
using Compress.Graph;
using Compress.Plan;

namespace Compress.Search;

/// <summary>Milliseconds of a problem's layers for any numbers of channels, from the latency table of this machine. Layers that no choice shortens count nothing.</summary>
public sealed class LatencyCosts(SearchContext context)
{
    private readonly ConcurrentDictionary<(string Layer, bool Integer, long In, long Out), double> known = [];

    /// <summary>The same problem with times; all that it can ask for is measured at once.</summary>
    public ChoiceProblem With(ChoiceProblem problem)
    {
        var cases = problem.Layers.SelectMany(term => Combinations(problem, term)).Where(entry => !known.ContainsKey(entry.Key)).ToList();
        context.Latencies.Measure([.. cases.Select(entry => entry.Case)]);
        foreach (var (key, operation) in cases) known[key] = context.Latencies.Milliseconds(operation);
        return problem with { Milliseconds = (term, kept) => known.GetValueOrDefault(Key(term, kept.InChannels, kept.OutChannels)) };
    }

    private IEnumerable<((string, bool, long, long) Key, OperatorCase Case)> Combinations(ChoiceProblem problem, LayerTerm term)
    {
        if (term.In.Count + term.Out.Count == 0 || Whole(term) is not { } whole) yield break;
        var depthwise = term.Shape.Groups > 1 && term.Shape.Groups == term.Shape.InChannels;
        foreach (var read in Removed(problem, term.In))
            foreach (var made in depthwise ? [read * term.Shape.OutChannels / term.Shape.InChannels] : Removed(problem, term.Out))
            {
                var (inputs, outputs) = (term.Shape.InChannels - read, term.Shape.OutChannels - made);
                if (inputs > 0 && outputs > 0) yield return (Key(term, inputs, outputs), whole.Keep(inputs, outputs));
            }
    }

    /// <summary>All numbers of channels that the groups of an axis can take away together.</summary>
    private static IEnumerable<long> Removed(ChoiceProblem problem, IReadOnlyList<(int Choice, int Width)> axis) =>
        axis.Aggregate((IEnumerable<long>)[0], (sums, part) => [.. sums.SelectMany(sum => problem.Choices[part.Choice].Values.Select(value => sum + ((long)value * part.Width))).Distinct()]);

    private OperatorCase? Whole(LayerTerm term) =>
        context.Facts.Layers.FirstOrDefault(layer => layer.Name == term.Shape.Name) is { } layer ? OperatorCase.Of(layer, context.Facts.Shapes, Integer(term)) : null;

    private static bool Integer(LayerTerm term) => term.Activation >= 0 || term.ActivationBits < 32;

    private static (string, bool, long, long) Key(LayerTerm term, long inputs, long outputs) => (term.Shape.Name, Integer(term), inputs, outputs);
}
