namespace Compress.Policy;

/// <summary>The valid name that a mistyped one most likely means.</summary>
public static class Nearest
{
    /// <summary>The candidate within a third of the name's length by edit distance, the first of equals; null: none is near.</summary>
    public static string? To(string name, IEnumerable<string> candidates) =>
        candidates.Select(c => (Name: c, Distance: Distance(name.ToLowerInvariant(), c.ToLowerInvariant())))
            .Where(c => c.Distance <= Math.Max(1, Math.Max(name.Length, c.Name.Length) / 3))
            .OrderBy(c => c.Distance)
            .FirstOrDefault().Name;

    /// <summary>"Did you mean 'x'?", or what there is to choose from.</summary>
    public static string Hint(string name, IEnumerable<string> candidates)
    {
        var all = candidates.ToList();
        return To(name, all) is { } near ? $"Did you mean '{near}'?" : $"Valid are: {string.Join(", ", all)}.";
    }

    /// <summary>" Did you mean 'x'?", or nothing; ends a sentence where listing everything would be too long.</summary>
    public static string Question(string name, IEnumerable<string> candidates) =>
        To(name, candidates) is { } near ? $" Did you mean '{near}'?" : "";

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).</summary>
    internal static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(substitution, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }
}
