using Compress.Search.Solvers;

namespace Compress.Core.Tests.Search.Solvers;

/// <summary>Actor, critic and their networks, against finite differences and a task with a known answer.</summary>
[TestClass]
public sealed class ReinforcementTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Gradients_by_the_input_are_those_of_finite_differences(bool gated)
    {
        var random = new Random(3);
        var network = new Perceptron([4, 7, 5, 2], gated, random);
        double[] input = [.. Enumerable.Range(0, 4).Select(_ => random.NextDouble())];
        double Loss(double[] x) => (3 * network.Run(x)[^1][0]) - network.Run(x)[^1][1];

        var slope = network.Backward(network.Run(input), [3, -1]);

        for (var i = 0; i < 4; i++)
        {
            double[] above = [.. input], below = [.. input];
            (above[i], below[i]) = (above[i] + 1e-5, below[i] - 1e-5);
            Assert.AreEqual((Loss(above) - Loss(below)) / 2e-5, slope[i], 1e-6);
        }
    }

    [TestMethod]
    public void A_network_learns_a_function_and_a_clone_stays_as_it_was()
    {
        var random = new Random(5);
        var network = new Perceptron([2, 32, 32, 1], gated: false, random);
        var clone = network.Clone();
        double[] at = [0.3, 0.8];
        var before = network.Run(at)[^1][0];

        for (var step = 0; step < 1500; step++)
        {
            for (var i = 0; i < 16; i++)
            {
                double[] x = [random.NextDouble(), random.NextDouble()];
                var values = network.Run(x);
                network.Backward(values, [2 * (values[^1][0] - (x[0] * x[1]))]);
            }
            network.Step(3e-3, 16);
        }

        Assert.AreEqual(0.24, network.Run(at)[^1][0], 0.02);
        Assert.AreEqual(before, clone.Run(at)[^1][0]);
    }

    [TestMethod]
    public void Episodes_get_better_and_the_same_seed_gives_the_same_actions()
    {
        var (first, rewards) = DeterministicPolicyGradient.Run(new Ramp(), seed: 2);
        var (second, _) = DeterministicPolicyGradient.Run(new Ramp(), seed: 2);

        CollectionAssert.AreEqual(first, second);
        Assert.HasCount(DeterministicPolicyGradient.Episodes, rewards);
        Assert.IsGreaterThan(rewards.Take(DeterministicPolicyGradient.WarmUp).Average() + 0.2, rewards.TakeLast(20).Average());
    }

    [TestMethod]
    public void Enough_ends_with_the_best_so_far()
    {
        using var enough = new CancellationTokenSource();
        var course = new Course(Enough: enough.Token, Progress: done =>
        {
            if (done >= 0.1) enough.Cancel();
        });

        var (actions, rewards) = DeterministicPolicyGradient.Run(new Ramp(), seed: 2, course);

        Assert.HasCount(DeterministicPolicyGradient.Episodes / 10, rewards);
        Assert.HasCount(6, actions);
    }

    /// <summary>The more of every action the better; what is known is how far along it is.</summary>
    private sealed class Ramp : IEpisode
    {
        private readonly List<double> taken = [];

        public int Steps => 6;

        public double[] Start()
        {
            taken.Clear();
            return [0, 0];
        }

        public double[] Act(double action)
        {
            taken.Add(action);
            return [taken.Count / 6.0, action];
        }

        public double Reward() => -taken.Sum(action => Math.Pow(action - 0.9, 2));
    }
}
