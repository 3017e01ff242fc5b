namespace PendulumReturn;

/// <summary>
/// The swing-up pendulum of the standard control benchmark (g 10, m 1, l 1, time step 0.05 s) in closed loop with a policy: many pendulums at a time.
/// Angle 0 is upright.
/// </summary>
internal static class Pendulum
{
    private const int Steps = 200;
    private const float TimeStep = 0.05f;
    private const float LargestTorque = 2;
    private const float LargestSpeed = 8;

    /// <summary>The starts fill angles of ±π and speeds of ±1 evenly, so that the mean needs no seed.</summary>
    private const int Angles = 50;
    private const int Speeds = 40;

    /// <param name="policy">From observations [2000, 3] (cos θ, sin θ, ω) to torques [2000, 1].</param>
    /// <returns>The mean over 2,000 starts of the return of 200 steps; 0 is the best there can be.</returns>
    public static double MeanReturn(Func<float[], float[]> policy) => Returns(policy).Average();

    /// <summary>The return of each start.</summary>
    /// <param name="policy">As for the mean.</param>
    public static double[] Returns(Func<float[], float[]> policy)
    {
        var states = Starts();
        var observations = new float[states.Length * 3];
        var returns = new double[states.Length];
        for (var step = 0; step < Steps; step++)
        {
            for (var i = 0; i < states.Length; i++)
                (observations[3 * i], observations[3 * i + 1], observations[3 * i + 2]) = (MathF.Cos(states[i].Angle), MathF.Sin(states[i].Angle), states[i].Speed);
            var torques = policy(observations);
            for (var i = 0; i < states.Length; i++)
            {
                var torque = Math.Clamp(torques[i], -LargestTorque, LargestTorque);
                returns[i] += Reward(states[i].Angle, states[i].Speed, torque);
                states[i] = Move(states[i].Angle, states[i].Speed, torque);
            }
        }
        return returns;
    }

    private static (float Angle, float Speed)[] Starts()
    {
        var starts = new (float, float)[Angles * Speeds];
        for (var i = 0; i < starts.Length; i++)
            starts[i] = (MathF.PI * Middle(i / Speeds, Angles), Middle(i % Speeds, Speeds));
        return starts;

        // Middle of cell number index of count equal cells of [-1, 1].
        static float Middle(int index, int count) => (2f * index + 1) / count - 1;
    }

    private static double Reward(float angle, float speed, float torque)
    {
        var deviation = Math.IEEERemainder(angle, 2 * Math.PI);
        return -(deviation * deviation + 0.1 * speed * speed + 0.001 * torque * torque);
    }

    private static (float Angle, float Speed) Move(float angle, float speed, float torque)
    {
        var next = Math.Clamp(speed + (15 * MathF.Sin(angle) + 3 * torque) * TimeStep, -LargestSpeed, LargestSpeed);
        return (angle + next * TimeStep, next);
    }
}
