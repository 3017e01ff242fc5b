using Compress.Plan;
using Compress.Search.Solvers;

namespace Compress.Search;

/// <summary>
/// The choices of a problem as an episode of AMC and HAQ: made in graph order, each only as far as the limits can still be met. What is known before a
/// choice: its kind and place, the shape of the layers it concerns, what is spent of the limits, what can still be saved, and the action before.
/// </summary>
/// <param name="decode">For each choice, the option that an action stands for.</param>
internal sealed class ChoiceEpisode(ChoiceProblem problem, IReadOnlyList<int> order, Func<double, int>[] decode) : IEpisode
{
    private readonly double[][] facts = Scaled([.. order.Select(choice => Facts(problem, choice))]);
    private int[] options = [];
    private int made;

    public int Steps => order.Count;

    public double[] Start()
    {
        (options, made) = ([.. problem.Choices.Select(choice => choice.Values.Length - 1)], 0);
        return State(action: 1);
    }

    public double[] Act(double action)
    {
        var choice = order[made];
        var smallest = options[choice];
        options[choice] = decode[choice](action);
        while (options[choice] < smallest && !BudgetWall.Fits(problem, options)) options[choice]++;
        made++;
        return State(action);
    }

    /// <summary>Damages differ by orders of magnitude.</summary>
    public double Reward() => -Math.Log(Math.Max(1e-12, problem.Damage(options)));

    private double[] State(double action)
    {
        if (made == order.Count) return [.. new double[facts[0].Length], 0, action];
        var spent = problem.Limits.Count == 0 ? 0 : problem.Limits.Max(limit => problem.Cost(limit.Key, options) / limit.Value);
        return [.. facts[made], spent, action];
    }

    private static double[] Facts(ChoiceProblem problem, int choice)
    {
        var layers = problem.Layers.Where(layer => layer.Weight == choice || layer.Activation == choice || layer.Out.Any(part => part.Choice == choice)).Select(layer => layer.Shape).ToList();
        double Log(Func<Analysis.LayerShape, double> fact) => layers.Count == 0 ? 0 : Math.Log(1 + layers.Sum(fact));
        return
        [
            choice, problem.Layers.Any(layer => layer.Weight == choice) ? 1 : 0, problem.Layers.Any(layer => layer.Activation == choice) ? 1 : 0,
            Log(shape => shape.InChannels), Log(shape => shape.OutChannels), Log(shape => shape.Kernel), Log(shape => shape.Weights), Log(shape => shape.Positions), Log(shape => shape.Macs),
        ];
    }

    /// <summary>Every fact from 0 to 1 over the choices.</summary>
    private static double[][] Scaled(double[][] rows) => [.. rows.Select(row => row.Select((value, i) =>
    {
        var (least, most) = (rows.Min(other => other[i]), rows.Max(other => other[i]));
        return most > least ? (value - least) / (most - least) : 0;
    }).ToArray())];
}
