using Compress.Policy;
using Compress.Search.Solvers;

namespace Compress.Core.Tests.Search.Solvers;

/// <summary>The evolution of PIC-PQ: its published constants, its course, and that it gets better.</summary>
[TestClass]
public sealed class RegularizedEvolutionTests
{
    private static readonly double[] Deviations = [.. Enumerable.Range(1, 20).Select(i => i / 10.0)];

    [TestMethod]
    public void Four_hundred_candidates_are_looked_at_and_number_63_is_the_identity()
    {
        var found = RegularizedEvolution.Run(Deviations, Distance, seed: 1);

        Assert.HasCount(400, found);
        Assert.IsTrue(found[63].Criterion.Scale.All(a => a == 1) && found[63].Criterion.Shift.All(b => b == 0));
        Assert.IsTrue(found.Take(63).All(candidate => candidate.Criterion.Scale.All(a => a > 0)));
    }

    [TestMethod]
    public void A_child_differs_from_one_of_the_64_before_it_in_a_tenth_of_the_layers()
    {
        var found = RegularizedEvolution.Run(Deviations, Distance, seed: 2);

        for (var i = 64; i < found.Count; i++)
        {
            var child = found[i].Criterion;
            var fewest = Enumerable.Range(i - 64, 64).Min(p => Enumerable.Range(0, 20).Count(l => found[p].Criterion.Scale[l] != child.Scale[l] || found[p].Criterion.Shift[l] != child.Shift[l]));
            Assert.IsLessThanOrEqualTo(2, fewest, $"candidate {i}");
        }
    }

    [TestMethod]
    public void Steps_shrink_from_one_to_a_fifth()
    {
        Assert.AreEqual(1, RegularizedEvolution.Step(0));
        Assert.AreEqual(0.6, RegularizedEvolution.Step(200), 1e-12);
        Assert.AreEqual(0.2, RegularizedEvolution.Step(400), 1e-12);
    }

    [TestMethod]
    public void Evolution_finds_better_than_chance_and_the_same_for_the_same_seed()
    {
        var (first, second) = (RegularizedEvolution.Run(Deviations, Distance, seed: 3), RegularizedEvolution.Run(Deviations, Distance, seed: 3));

        CollectionAssert.AreEqual(first.Select(candidate => candidate.Fitness).ToArray(), second.Select(candidate => candidate.Fitness).ToArray());
        Assert.IsLessThan(first.Take(63).Min(candidate => candidate.Fitness), first.Min(candidate => candidate.Fitness));
    }

    [TestMethod]
    public void Bits_fall_as_the_retained_mass_does()
    {
        // r = 1: none; r > 1/6: −1; 1/12 < r ≤ 1/6: −2; 1/18 < r ≤ 1/12: −3.
        (double Retained, int Bits)[] table = [(1, 8), (0.99, 7), (0.17, 7), (1 / 6.0, 7), (0.16, 6), (1 / 12.0, 6), (0.08, 5), (0.01, 2)];
        foreach (var (retained, bits) in table) Assert.AreEqual(bits, SparsityDrivenBits.Of(8, retained, least: 2, new PicPqPolicy().Penalty), $"r = {retained}");
        Assert.AreEqual(4, SparsityDrivenBits.Of(4, 0.5, least: 4, new PicPqPolicy().Penalty));
    }

    [TestMethod]
    public void Maxima_are_those_of_the_published_network()
    {
        int[] expected = [8, .. Enumerable.Repeat(8, 18), .. Enumerable.Repeat(6, 18), .. Enumerable.Repeat(4, 18), 8];

        CollectionAssert.AreEqual(expected, Enumerable.Range(0, 56).Select(layer => SparsityDrivenBits.Most(layer, 56, new PicPqPolicy().MostBits, lowered: 0)).ToArray());
        Assert.AreEqual(2, SparsityDrivenBits.Most(50, 56, new PicPqPolicy().MostBits, lowered: 3));
    }

    private static double Distance(AffineCriterion criterion) => criterion.Scale.Select((a, l) => Math.Pow(Math.Log(a) - Math.Sin(l), 2)).Sum();
}
