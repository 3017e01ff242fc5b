using System.Text.RegularExpressions;
using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>Patterns over names, and the name nearest to a misspelt one.</summary>
[TestClass]
public sealed class NamesTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void A_pattern_matches_what_its_regular_expression_matches()
    {
        const int Seed = 11;
        TestContext.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var matches = 0;

        for (var trial = 0; trial < 20_000; trial++)
        {
            var pattern = Word(random, "ab*?/", 7);
            var name = Word(random, "ab/", 8);
            var expected = Regex.IsMatch(name, "^" + Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".") + "\\z", RegexOptions.Singleline);

            Assert.AreEqual(expected, NameGlob.IsMatch(pattern, name), $"'{pattern}' on '{name}'");
            matches += expected ? 1 : 0;
        }

        Assert.IsGreaterThan(500, matches);
    }

    [TestMethod]
    public void Many_stars_take_no_exponential_time() =>
        Assert.IsFalse(NameGlob.IsMatch(string.Concat(Enumerable.Repeat("a*", 2_000)) + "b", new string('a', 20_000)));

    [TestMethod]
    [DataRow("", "", 0)]
    [DataRow("abc", "", 3)]
    [DataRow("kitten", "sitting", 3)]
    [DataRow("lables", "labels", 1)]
    [DataRow("top3", "top1", 1)]
    [DataRow("ca", "abc", 3)]
    public void Distance_counts_edits_and_swaps(string a, string b, int expected)
    {
        Assert.AreEqual(expected, Nearest.Distance(a, b));
        Assert.AreEqual(expected, Nearest.Distance(b, a));
    }

    [TestMethod]
    [DataRow("quantise", "quantize")]
    [DataRow("Seed", "seed")]
    [DataRow("maxdrop", "max-drop")]
    [DataRow("prunes", "prune")]
    [DataRow("colour", null)]
    public void The_nearest_name_is_offered_when_it_is_near(string name, string? expected) =>
        Assert.AreEqual(expected, Nearest.To(name, ["quantize", "seed", "max-drop", "prune", "layers"]));

    private static string Word(Random random, string letters, int longest) =>
        string.Concat(Enumerable.Range(0, random.Next(longest + 1)).Select(_ => letters[random.Next(letters.Length)]));
}
