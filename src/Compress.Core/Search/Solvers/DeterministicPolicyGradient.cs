namespace Compress.Search.Solvers;

/// <summary>One go through all decisions.</summary>
public interface IEpisode
{
    /// <summary>How many decisions there are.</summary>
    int Steps { get; }

    /// <summary>Begins anew; what is known before the first decision, always as many numbers.</summary>
    double[] Start();

    /// <summary>Decides by an action from 0 to 1; what is known before the next decision.</summary>
    double[] Act(double action);

    /// <summary>After the last decision; larger is better.</summary>
    double Reward();
}

/// <summary>
/// Deep deterministic policy gradient (Lillicrap et al. 2016) as AMC and HAQ use it: one action a step, the reward comes at the end and goes to every step, less
/// a moving average. Rates, batch, soft update, noise and its decay are HAQ's; the networks and the number of episodes are smaller, for states of a dozen numbers.
/// </summary>
public sealed class DeterministicPolicyGradient
{
    public const int Episodes = 200, WarmUp = 20, Batch = 64, ReplayedEpisodes = 128, Hidden = 32;
    public const double ActorRate = 1e-4, CriticRate = 1e-3, SoftUpdate = 0.01, FirstDeviation = 0.5, DeviationDecay = 0.99, BaselineShare = 0.5;

    private readonly IEpisode episode;
    private readonly Random random;
    private readonly Perceptron actor, critic, slowActor, slowCritic;
    private readonly List<Transition> replay = [];
    private double? baseline;

    private DeterministicPolicyGradient(IEpisode episode, int seed)
    {
        (this.episode, random) = (episode, new Random(seed));
        var known = episode.Start().Length;
        actor = new Perceptron([known, Hidden, Hidden, 1], gated: true, random);
        critic = new Perceptron([known + 1, Hidden, Hidden, 1], gated: false, random);
        (slowActor, slowCritic) = (actor.Clone(), critic.Clone());
    }

    private sealed record Transition(double[] State, double Action, double Reward, double[]? Next);

    /// <summary>The actions of the best episode, and the reward of every episode.</summary>
    public static (double[] Actions, IReadOnlyList<double> Rewards) Run(IEpisode episode, int seed, Course? course = null)
    {
        var agent = new DeterministicPolicyGradient(episode, seed);
        var (best, rewards) = (Array.Empty<double>(), new List<double>());
        for (var i = 0; i < Episodes && ((course ?? Course.Quiet).GoesOn((double)i / Episodes) || i == 0); i++)
        {
            var (actions, reward) = agent.Play(i);
            if (rewards.Count == 0 || reward > rewards.Max()) best = actions;
            rewards.Add(reward);
            if (i >= WarmUp) agent.Learn();
        }
        return (best, rewards);
    }

    /// <summary>Random at first, then what the actor says with less and less noise.</summary>
    private (double[] Actions, double Reward) Play(int number)
    {
        var (state, actions) = (episode.Start(), new double[episode.Steps]);
        var states = new List<double[]>();
        for (var t = 0; t < actions.Length; t++)
        {
            states.Add(state);
            actions[t] = number < WarmUp ? random.NextDouble() : Normal.Between0And1(random, actor.Run(state)[^1][0], FirstDeviation * Math.Pow(DeviationDecay, number - WarmUp));
            state = episode.Act(actions[t]);
        }
        var reward = episode.Reward();
        for (var t = 0; t < actions.Length; t++) replay.Add(new(states[t], actions[t], reward, t + 1 < actions.Length ? states[t + 1] : null));
        if (replay.Count > ReplayedEpisodes * actions.Length) replay.RemoveRange(0, replay.Count - (ReplayedEpisodes * actions.Length));
        return (actions, reward);
    }

    /// <summary>As many batches as an episode has steps.</summary>
    private void Learn()
    {
        for (var t = 0; t < episode.Steps; t++)
        {
            var batch = Enumerable.Range(0, Batch).Select(_ => replay[random.Next(replay.Count)]).ToList();
            var mean = batch.Average(step => step.Reward);
            baseline = baseline is { } before ? before + (BaselineShare * (mean - before)) : mean;
            foreach (var step in batch)
            {
                var goal = step.Reward - baseline.Value + (step.Next is { } next ? slowCritic.Run([.. next, slowActor.Run(next)[^1][0]])[^1][0] : 0);
                var values = critic.Run([.. step.State, step.Action]);
                critic.Backward(values, [2 * (values[^1][0] - goal)]);
            }
            critic.Step(CriticRate, Batch);
            foreach (var step in batch)
            {
                var own = actor.Run(step.State);
                var slope = critic.Backward(critic.Run([.. step.State, own[^1][0]]), [-1]);
                actor.Backward(own, [slope[^1]]);
            }
            critic.Forget();
            actor.Step(ActorRate, Batch);
            slowActor.Follow(actor, SoftUpdate);
            slowCritic.Follow(critic, SoftUpdate);
        }
    }
}
