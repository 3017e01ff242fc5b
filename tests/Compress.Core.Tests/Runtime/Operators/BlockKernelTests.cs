using Compress.Runtime.Operators;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime.Operators;

/// <summary>Values are brought into blocks of 8 and of 16 channels, whether those fill them or not.</summary>
[TestClass]
public sealed class BlockKernelTests
{
    [TestMethod]
    [DataRow(16)]
    [DataRow(21)]
    [DataRow(3)]
    public void Channels_of_a_block_lie_next_to_each_other(int channels)
    {
        Check<Lanes8>(channels);
        Check<Lanes16>(channels);
    }

    private static void Check<T>(int channels) where T : struct, ILanes<T>
    {
        const int Samples = 2, Positions = 15;
        var values = new ModelBuilder(3).Random(1, Samples, channels, Positions).Floats();
        var expected = Blocks<T>.Of(values, Samples, channels, Positions);

        var result = Enumerable.Repeat(float.NaN, expected.Length).ToArray();
        BlockKernel.Run(values, Samples, channels, T.Count, result);

        CollectionAssert.AreEqual(expected, result);
    }
}
