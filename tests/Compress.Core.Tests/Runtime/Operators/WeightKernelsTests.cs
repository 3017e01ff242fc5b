using Compress.Runtime.Operators;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>Weights lie where convolutions look for them.</summary>
[TestClass]
public sealed class WeightKernelsTests
{
    private const int M = 20, C = 11, Positions = 6;

    private static readonly float[] Weights = new ModelBuilder(3).Random(1, M, C, Positions).Floats();

    [TestMethod]
    [DataRow(8, 24, 16)]
    [DataRow(16, 32, 16)]
    public void In_blocks_filters_lie_next_to_each_other(int block, int filters, int channels)
    {
        var expected = new float[filters * channels * Positions];
        for (var m = 0; m < M; m++)
            for (var c = 0; c < C; c++)
                for (var k = 0; k < Positions; k++)
                {
                    var (first, second) = ((m / block * (channels / block)) + (c / block), (k * block) + (c % block));
                    expected[(((first * Positions * block) + second) * block) + (m % block)] = Weights[(((m * C) + c) * Positions) + k];
                }

        var result = Enumerable.Repeat(float.NaN, expected.Length).ToArray();
        WeightKernels.InBlocks(Weights, (M, C, Positions), block, result);

        CollectionAssert.AreEqual(expected, result);
    }

    [TestMethod]
    [DataRow(8, 24)]
    [DataRow(16, 32)]
    public void In_blocks_a_channel_a_group_stays_one(int block, int filters)
    {
        var (own, result) = (Weights[..(M * Positions)], new float[filters * Positions]);
        WeightKernels.InBlocks(own, (M, 1, Positions), block, result);

        for (var m = 0; m < filters; m++)
            for (var k = 0; k < Positions; k++) Assert.AreEqual(m < M ? own[(m * Positions) + k] : 0, result[(((m / block * Positions) + k) * block) + (m % block)]);
    }

    [TestMethod]
    public void Turned_round_filters_and_channels_change_places()
    {
        var result = new float[Weights.Length];
        WeightKernels.Turn(Weights, (M, C, Positions), result);

        for (var m = 0; m < M; m++)
            for (var c = 0; c < C; c++)
                for (var k = 0; k < Positions; k++) Assert.AreEqual(Weights[(((m * C) + c) * Positions) + k], result[(((c * M) + m) * Positions) + Positions - 1 - k]);
    }
}
