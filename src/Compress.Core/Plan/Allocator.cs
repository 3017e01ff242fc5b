namespace Compress.Plan;

/// <summary>
/// Solves a <see cref="ChoiceProblem"/>. From the harmless options down: always the step with the least damage for the cost it saves, steps of any
/// length, so that a bad middle option is jumped over; then exchanges, one choice up and another down, as long as damage falls within the limits.
/// Costs are exact at every step, so products of choices need no linearisation. Where costs are sums, it is held against dynamic programming in the tests.
/// </summary>
public static class Allocator
{
    private const int Rounds = 20;

    /// <summary>Option numbers; null when even the smallest options exceed a limit.</summary>
    public static int[]? Solve(ChoiceProblem problem)
    {
        var state = new State(problem, new int[problem.Choices.Count], new HashSet<int>());
        if (!state.Down()) return null;
        for (var round = 0; round < Rounds && (state.StepUp() | state.Exchange()); round++) { }
        return state.Options;
    }

    /// <summary>The solution next to given options: steps down from them as far as the limits ask for, then up with what they leave over.</summary>
    /// <param name="held">Choices that stay as they are given.</param>
    /// <returns>Null: the limits can't be met while those are held.</returns>
    public static int[]? Near(ChoiceProblem problem, int[] options, IReadOnlySet<int> held)
    {
        var state = new State(problem, (int[])options.Clone(), held);
        if (!state.Down()) return null;
        state.StepUp();
        return state.Options;
    }

    private sealed class State
    {
        private readonly ChoiceProblem problem;
        private readonly Resource[] resources;
        private readonly int[] free; // choices
        private readonly List<int>[] touched;
        private readonly double[][] layerCosts; // [resource][layer]
        private readonly double[] totals;

        public State(ChoiceProblem problem, int[] options, IReadOnlySet<int> held)
        {
            (this.problem, Options) = (problem, options);
            free = [.. Enumerable.Range(0, options.Length).Where(choice => !held.Contains(choice))];
            resources = [.. problem.Limits.Keys.Order()];
            touched = [.. problem.Choices.Select((_, c) => Enumerable.Range(0, problem.Layers.Count).Where(l => Touches(problem.Layers[l], c)).ToList())];
            layerCosts = [.. resources.Select(resource => problem.Layers.Select(layer => problem.Cost(resource, layer, Options)).ToArray())];
            totals = [.. resources.Select(resource => problem.Cost(resource, Options))];
        }

        public int[] Options { get; }

        /// <summary>Steps down until the limits hold; false when no option is left.</summary>
        public bool Down()
        {
            while (!Fits(new double[resources.Length]))
                if (!StepDown()) return false;
            return true;
        }

        /// <summary>Takes the best step towards the limits; false when no option is left.</summary>
        private bool StepDown()
        {
            var best = (Choice: -1, Option: 0, Score: double.PositiveInfinity);
            foreach (var c in free)
                for (var o = Options[c] + 1; o < problem.Choices[c].Values.Length; o++)
                {
                    var saved = Saved(Change(c, o));
                    if (saved <= 0) continue;
                    var score = Math.Max(problem.Choices[c].Damage[o] - problem.Choices[c].Damage[Options[c]], 1e-12) / saved;
                    if (score < best.Score) best = (c, o, score);
                }
            if (best.Choice < 0) return false;
            Take(best.Choice, best.Option);
            return true;
        }

        /// <summary>Gives back what the limits leave room for, the largest damage first.</summary>
        public bool StepUp()
        {
            var any = false;
            while (true)
            {
                var best = (Choice: -1, Option: 0, Gain: 1e-15);
                foreach (var c in free)
                    for (var o = 0; o < problem.Choices[c].Values.Length; o++)
                    {
                        var gain = problem.Choices[c].Damage[Options[c]] - problem.Choices[c].Damage[o];
                        if (gain > best.Gain && Fits(Change(c, o))) best = (c, o, gain);
                    }
                if (best.Choice < 0) return any;
                Take(best.Choice, best.Option);
                any = true;
            }
        }

        /// <summary>One choice to a better option, another to a worse one: taken when the sum of damages falls and the limits hold.</summary>
        public bool Exchange()
        {
            var any = false;
            for (var up = 0; up < Options.Length; up++)
                for (var o = 0; o < problem.Choices[up].Values.Length; o++)
                {
                    var gain = problem.Choices[up].Damage[Options[up]] - problem.Choices[up].Damage[o];
                    if (gain <= 1e-15) continue;
                    var (before, best) = (Options[up], (Choice: -1, Option: 0, Gain: 1e-15));
                    Take(up, o);
                    for (var down = 0; down < Options.Length; down++)
                    {
                        if (down == up) continue;
                        for (var p = 0; p < problem.Choices[down].Values.Length; p++)
                        {
                            var net = gain - (problem.Choices[down].Damage[p] - problem.Choices[down].Damage[Options[down]]);
                            if (net > best.Gain && Fits(Change(down, p))) best = (down, p, net);
                        }
                    }
                    if (best.Choice < 0) Take(up, before);
                    else
                    {
                        Take(best.Choice, best.Option);
                        any = true;
                    }
                }
            return any;
        }

        /// <summary>What the costs change by when one choice takes another option.</summary>
        private double[] Change(int choice, int option)
        {
            var change = new double[resources.Length];
            var before = Options[choice];
            Options[choice] = option;
            for (var r = 0; r < resources.Length; r++)
                foreach (var layer in touched[choice]) change[r] += problem.Cost(resources[r], problem.Layers[layer], Options) - layerCosts[r][layer];
            Options[choice] = before;
            return change;
        }

        private void Take(int choice, int option)
        {
            Options[choice] = option;
            for (var r = 0; r < resources.Length; r++)
                foreach (var layer in touched[choice])
                {
                    var cost = problem.Cost(resources[r], problem.Layers[layer], Options);
                    totals[r] += cost - layerCosts[r][layer];
                    layerCosts[r][layer] = cost;
                }
        }

        private bool Fits(double[] change)
        {
            for (var r = 0; r < resources.Length; r++)
                if (totals[r] + change[r] > problem.Limits[resources[r]] * (1 + 1e-12)) return false;
            return true;
        }

        /// <summary>Cost saved on the limits that are exceeded, each as a share of its limit; nothing beyond what is asked for.</summary>
        private double Saved(double[] change)
        {
            double saved = 0;
            for (var r = 0; r < resources.Length; r++)
            {
                var excess = totals[r] - problem.Limits[resources[r]];
                if (excess > 0) saved += Math.Min(-change[r], excess) / problem.Limits[resources[r]];
            }
            return saved;
        }

        private static bool Touches(LayerTerm layer, int choice) =>
            layer.Weight == choice || layer.Activation == choice || layer.In.Any(part => part.Choice == choice) || layer.Out.Any(part => part.Choice == choice);
    }
}
