using Compress.Plan;

namespace Compress.Search.Solvers;

/// <summary>How sequential searches hold to a budget: AMC's wall before an action is taken, HAQ's sweep after all were.</summary>
public static class BudgetWall
{
    /// <summary>
    /// Takes the wished options one after the other, each only as far as the limits can still be met with everything after it at its smallest
    /// (He et al., "AMC"). What cannot be met at all is left at its smallest.
    /// </summary>
    /// <param name="wished">An option for every choice.</param>
    /// <param name="order">The choices in the order in which they are made; the others stay as wished.</param>
    public static int[] Clip(ChoiceProblem problem, int[] wished, IReadOnlyList<int> order)
    {
        var options = (int[])wished.Clone();
        foreach (var choice in order) options[choice] = problem.Choices[choice].Values.Length - 1;
        foreach (var choice in order)
        {
            var smallest = options[choice];
            options[choice] = wished[choice];
            while (options[choice] < smallest && !Fits(problem, options)) options[choice]++;
        }
        return options;
    }

    /// <summary>
    /// While a limit is exceeded: from the last choice to the first, each gives up one step that saves something (Wang et al., "HAQ"). Null when even the
    /// smallest options exceed a limit.
    /// </summary>
    public static int[]? Sweep(ChoiceProblem problem, int[] start, IReadOnlyList<int> order)
    {
        var options = (int[])start.Clone();
        while (!Fits(problem, options))
        {
            var moved = false;
            foreach (var choice in order.Reverse())
            {
                if (options[choice] + 1 >= problem.Choices[choice].Values.Length) continue;
                var before = Excess(problem, options);
                options[choice]++;
                if (Excess(problem, options) >= before)
                {
                    options[choice]--;
                    continue;
                }
                moved = true;
                if (Fits(problem, options)) return options;
            }
            if (!moved) return null;
        }
        return options;
    }

    /// <summary>Options that fit, one choice after the other taken back towards what was wished as far as the limits allow: where many choices turn at once, not all of them need to.</summary>
    public static int[] Loosen(ChoiceProblem problem, int[] fitting, int[] wished)
    {
        var options = (int[])fitting.Clone();
        for (var choice = 0; choice < options.Length; choice++)
        {
            options[choice] = Math.Min(wished[choice], fitting[choice]);
            while (options[choice] < fitting[choice] && !Fits(problem, options)) options[choice]++;
        }
        return options;
    }

    public static bool Fits(ChoiceProblem problem, int[] options) => problem.Limits.All(limit => problem.Cost(limit.Key, options) <= limit.Value * (1 + 1e-12));

    /// <summary>How far the limits are exceeded, in shares of them; 0 when they hold.</summary>
    public static double Excess(ChoiceProblem problem, int[] options) => problem.Limits.Sum(limit => Math.Max(0, (problem.Cost(limit.Key, options) / limit.Value) - 1));
}
