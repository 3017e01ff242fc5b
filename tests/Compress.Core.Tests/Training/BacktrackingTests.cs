using Compress.Training;

namespace Compress.Core.Tests.Training;

/// <summary>Losses as a training would have them, pass by pass; each pass moves the one parameter by 1 and its memory by 10.</summary>
[TestClass]
public sealed class BacktrackingTests
{
    private readonly Parameter parameter = new([0f], [1f]);
    private readonly Backtracking backtracking;

    public BacktrackingTests() => backtracking = new Backtracking([parameter]);

    [TestMethod]
    public void The_first_pass_moves_nothing_whatever_its_gradients_were()
    {
        Assert.AreEqual(0, backtracking.Scale);
        Assert.IsTrue(Pass(1));
        Assert.AreEqual(0, parameter.Values[0]);
        Assert.AreEqual(1, backtracking.Scale);
    }

    [TestMethod]
    public void What_makes_it_much_worse_is_taken_back_with_the_optimizers_memory_and_the_rate_lowered()
    {
        Passes(1, 0.8, 0.9); // moved from 0 to 2; the least loss was met on the way from 0 to 1

        Assert.IsTrue(Pass(1.3));

        Assert.AreEqual((0f, 0f), (parameter.Values[0], parameter.Mean[0]));
        Assert.AreEqual(1.0 / 3, backtracking.Scale, 1e-12);
    }

    [TestMethod]
    public void It_ends_where_no_rate_is_low_enough()
    {
        Assert.IsTrue(Pass(1));
        for (var i = 0; i < 4; i++) Assert.IsTrue(Pass(double.NaN), $"{i}");

        Assert.IsFalse(Pass(double.NaN));
        Assert.AreEqual(0, parameter.Values[0]);
    }

    [TestMethod]
    public void It_ends_after_a_third_without_gain_but_not_before_a_rate_was_tried_three_times()
    {
        Passes(1, 1, 1);

        Assert.IsTrue(Pass(1, progress: 0.3));
        Assert.IsFalse(Pass(1, progress: 0.4));
    }

    [TestMethod]
    public void It_goes_on_where_something_was_gained()
    {
        Passes(1, 0.9, 0.95, 0.95);

        Assert.IsTrue(Pass(0.95, progress: 0.9));
    }

    [TestMethod]
    public void A_loss_that_is_no_number_ends_it_at_once() => Assert.IsFalse(Pass(double.NaN));

    [TestMethod]
    public void At_the_end_it_goes_back_to_the_least_loss()
    {
        Passes(1, 0.5, 0.6);
        backtracking.Finish();

        Assert.AreEqual(0, parameter.Values[0]);
    }

    [TestMethod]
    public void The_last_pass_stays_where_it_was_the_best()
    {
        Passes(1, 0.6, 0.5);
        backtracking.Finish();

        Assert.AreEqual(2, parameter.Values[0]);
    }

    private void Passes(params double[] losses)
    {
        foreach (var loss in losses) Assert.IsTrue(Pass(loss));
    }

    private bool Pass(double loss, double progress = 0.1)
    {
        backtracking.BeginPass();
        parameter.Values[0] += 1;
        parameter.Mean[0] += 10;
        return backtracking.EndPass(loss, progress);
    }
}
