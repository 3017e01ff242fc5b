using Compress.Analysis;
using Compress.Graph;

namespace Compress.Core.Tests.Analysis;

/// <summary>How far outputs have moved, where they are no class scores: squared error relative to the variance, of each channel of a map by itself.</summary>
[TestClass]
public sealed class OutputDamageTests
{
    private const int Samples = 3, Side = 4;

    private readonly Random random = new(1);

    [TestMethod]
    public void Rows_count_as_a_whole()
    {
        var (exact, moved) = (Tensor.Of([0f, 10, 2, 30], 2, 2), Tensor.Of([1f, 10, 2, 33], 2, 2));
        // Mean 10.5, squares 100 + 4 + 900, errors 1 + 9.
        Assert.AreEqual(10 / (1004 - (4 * 10.5 * 10.5)), Of(exact, moved), 1e-9);
    }

    [TestMethod]
    [DataRow(20f)]
    [DataRow(1f)]
    [DataRow(0.05f)]
    public void The_scale_of_a_channel_does_not_count(float scale)
    {
        var (exact, moved) = (Values(), Values());
        var (scaled, scaledMoved) = (OfChannels(exact, scale), OfChannels(moved, scale));
        Assert.AreEqual(Of(OfChannels(exact, 1), OfChannels(moved, 1)), Of(scaled, scaledMoved), 1e-6);
    }

    [TestMethod]
    public void A_channel_that_does_not_vary_makes_no_damage_boundless()
    {
        var (exact, moved) = (OfChannels(Values(), 0), OfChannels(Values(), 0));
        Assert.IsLessThan(10, Of(exact, moved));
        Assert.AreEqual(0, Of(exact, exact));
    }

    [TestMethod]
    public void Constant_outputs_are_exact_or_far_off()
    {
        var constant = Tensor.Of(new float[Samples * 2 * Side * Side], Samples, 2, Side, Side);
        Assert.AreEqual(0, Of(constant, constant));
        Assert.IsGreaterThan(1, Of(constant, OfChannels(Values(), 1)));
    }

    [TestMethod]
    public void Maps_of_nothing_are_equal()
    {
        var nothing = Tensor.Of(Array.Empty<float>(), 1, 0, Side, Side);
        Assert.AreEqual(0, Of(nothing, nothing));
    }

    /// <summary>A mask in front of a softmax.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void What_is_masked_out_in_both_has_not_moved(bool asDistribution)
    {
        const float Out = float.NegativeInfinity;
        var exact = Tensor.Of([1f, Out, 2f, 0f, Out, 3f], 2, 3);
        Assert.AreEqual(0, OutputDamage.Of(exact, exact, asDistribution), 1e-9);
        var moved = OutputDamage.Of(exact, Tensor.Of([2f, Out, 1f, 0f, Out, 3f], 2, 3), asDistribution);
        Assert.IsTrue(moved is > 0.01 and < 10, $"{moved}");
    }

    private static double Of(Tensor exact, Tensor moved) => OutputDamage.Of(exact, moved, asDistribution: false);

    private float[] Values() => [.. Enumerable.Range(0, Samples * 2 * Side * Side).Select(_ => random.NextSingle())];

    /// <summary>Two channels, the second of them scaled.</summary>
    private static Tensor OfChannels(float[] values, float scale) =>
        Tensor.Of([.. values.Select((value, i) => i / (Side * Side) % 2 == 1 ? scale * value : value)], Samples, 2, Side, Side);
}
