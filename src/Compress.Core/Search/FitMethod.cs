using Compress.Analysis;
using Compress.Plan;
using Compress.Search.Solvers;

namespace Compress.Search;

/// <summary>
/// FITCompress: the way of least Fisher distance from the float model to the budget. A step takes one layer or activation one width down, or removes the next
/// twentieth of all channels, the least salient first (in the paper: the next notch of unstructured sparsity). Its length is √Σ F Δθ²; what is still to go
/// is estimated as the excess cost × √Σ F θ². The Fisher information needs no labels: <see cref="LabelFreeFisher"/>, taken once.
/// </summary>
public sealed class FitMethod : ProposingMethod
{
    private const int Notches = 20;
    private const int Expansions = 1500;

    protected override Sensitivity Ordered(SearchContext context, Sensitivity sensitivity)
    {
        var fisher = new LabelFreeFisher(context, sensitivity);
        return sensitivity with { Channels = sensitivity.Channels.Keys.ToDictionary(id => id, id => Prunable.ByScore(fisher.Saliency(context.Facts.Groups.Open.First(group => group.Id == id))), StringComparer.Ordinal) };
    }

    protected override IReadOnlyList<Proposal> Propose(ChoiceSpace space, IReadOnlyDictionary<Resource, double> limits)
    {
        var problem = space.Problem(limits);
        var walk = new Walk(space, problem);
        var found = BestFirst.Search(new int[problem.Choices.Count], walk.Neighbours, walk.Remaining, options => BudgetWall.Fits(problem, options), options => string.Join(' ', options), Expansions, course: space.Context.Course);
        return [new Proposal(found ?? [.. problem.Choices.Select(choice => choice.Values.Length - 1)])];
    }

    /// <summary>Steps between settings and their lengths.</summary>
    private sealed class Walk
    {
        private readonly ChoiceProblem problem;
        private readonly int[] single;
        private readonly int[] grouped;
        private readonly Dictionary<int, double[]> steps = [];
        private readonly Dictionary<int, double[]> norms = [];
        private readonly List<int[]> notches;

        public Walk(ChoiceSpace space, ChoiceProblem problem)
        {
            this.problem = problem;
            var (facts, fisher) = (space.Context.Facts, new LabelFreeFisher(space.Context, space.Sensitivity));
            foreach (var layer in facts.Layers.Where(layer => space.Weights.ContainsKey(layer.Name)))
            {
                var choice = space.Weights[layer.Name];
                var matrix = WeightMatrix.Of(layer, facts.Model.Graph.Constants[layer.Weight]);
                var levels = problem.Choices[choice].Values.Select(bits => LabelFreeFisher.Rounded(matrix, bits, space.Context.WeightGrid(layer, bits))).ToList();
                steps[choice] = [.. levels.Zip(levels.Skip(1), (a, b) => fisher.Distance(layer.Name, a, b))];
                norms[choice] = [.. levels.Select(level => fisher.Distance(layer.Name, level, new float[level.Length]))];
            }
            foreach (var choice in space.Activations.Values)
                steps[choice] = [.. problem.Choices[choice].Damage.Zip(problem.Choices[choice].Damage.Skip(1), (a, b) => 2 * Math.Max(0, b - a))];
            single = [.. steps.Keys.Order()];
            grouped = [.. space.Groups.Values.Order()];
            notches = Sorted();
        }

        public IEnumerable<(int[] Options, double Step)> Neighbours(int[] options)
        {
            foreach (var choice in single.Where(choice => options[choice] < steps[choice].Length))
            {
                var next = (int[])options.Clone();
                next[choice]++;
                yield return (next, Math.Sqrt(steps[choice][options[choice]]));
            }
            if (notches.FirstOrDefault(notch => grouped.Where((choice, g) => notch[g] > options[choice]).Any()) is { } removal)
            {
                var next = (int[])options.Clone();
                for (var g = 0; g < grouped.Length; g++) next[grouped[g]] = removal[g];
                yield return (next, Math.Sqrt(Lost(next) - Lost(options)));
            }
        }

        public double Remaining(int[] options) => BudgetWall.Excess(problem, options) * Math.Sqrt(Math.Max(0, norms.Sum(norm => norm.Value[options[norm.Key]]) - Lost(options)));

        /// <summary>Σ F θ² of the channels that are gone.</summary>
        private double Lost(int[] options) => grouped.Sum(choice => problem.Choices[choice].Damage[options[choice]]);

        /// <summary>After each twentieth of all channels, the options of the groups: the options of least loss a channel first.</summary>
        private List<int[]> Sorted()
        {
            var (current, result) = (new int[grouped.Length], new List<int[]>());
            var (all, gone) = (grouped.Sum(choice => problem.Choices[choice].Values[^1]), 0);
            while (true)
            {
                var next = Enumerable.Range(0, grouped.Length).Where(g => current[g] + 1 < problem.Choices[grouped[g]].Values.Length).OrderBy(g => Slope(g, current[g])).Cast<int?>().FirstOrDefault();
                if (next is not { } taken) break;
                gone += problem.Choices[grouped[taken]].Values[current[taken] + 1] - problem.Choices[grouped[taken]].Values[current[taken]];
                current[taken]++;
                if (gone * Notches >= all * (result.Count + 1)) result.Add((int[])current.Clone());
            }
            return result;
        }

        private double Slope(int group, int option)
        {
            var choice = problem.Choices[grouped[group]];
            return (choice.Damage[option + 1] - choice.Damage[option]) / (choice.Values[option + 1] - choice.Values[option]);
        }
    }
}
