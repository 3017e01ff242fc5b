namespace Compress.Search.Solvers;

/// <summary>
/// A* from a start to the first state at a goal: always the state with the least path length + λ × what is still to go. After a number of expansions, or
/// when it was enough, the most promising state goes on greedily, keeping only its best neighbour, so that the search ends.
/// </summary>
public static class BestFirst
{
    /// <param name="neighbours">States one step away with the length of the step; must be finitely many from any start.</param>
    /// <param name="remaining">Estimate of the length still to go; 0 at a goal.</param>
    /// <param name="key">Equal for equal states.</param>
    /// <returns>A goal; default when none is reached.</returns>
    public static T? Search<T>(T start, Func<T, IEnumerable<(T State, double Step)>> neighbours, Func<T, double> remaining, Func<T, bool> isGoal, Func<T, string> key, int expansions, double lambda = 1, Course? course = null)
        where T : class
    {
        var open = new PriorityQueue<(T State, double Length), (double Estimate, int Order)>();
        var reached = new Dictionary<string, double>(StringComparer.Ordinal) { [key(start)] = 0 };
        open.Enqueue((start, 0), (lambda * remaining(start), 0));
        for (var (expanded, order) = (0, 0); open.TryDequeue(out var node, out _); expanded++)
        {
            var broad = (course ?? Course.Quiet).GoesOn(Math.Min(1, (double)expanded / expansions)) && expanded < expansions;
            if (isGoal(node.State)) return node.State;
            if (node.Length > reached[key(node.State)]) continue;
            if (!broad) open.Clear();
            var next = neighbours(node.State).Select(neighbour => (neighbour.State, Length: node.Length + neighbour.Step)).Select(child => (Child: child, Estimate: child.Length + (lambda * remaining(child.State))));
            foreach (var (child, estimate) in broad ? next : next.OrderBy(entry => entry.Estimate).Take(1))
            {
                if (broad && reached.TryGetValue(key(child.State), out var known) && known <= child.Length) continue;
                reached[key(child.State)] = child.Length;
                open.Enqueue(child, (estimate, ++order));
            }
        }
        return null;
    }
}
