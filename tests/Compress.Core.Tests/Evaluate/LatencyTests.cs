using Compress.Evaluate;
using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;

namespace Compress.Core.Tests.Evaluate;

/// <summary>Bounds are wide: the machine is shared. Ratios within one call hold nevertheless.</summary>
[TestClass]
public sealed class LatencyTests
{
    private static readonly TimingSettings Short = new(Seconds: 0.2);

    [TestMethod]
    public void A_model_is_as_fast_as_itself_and_faster_than_one_with_many_times_the_work()
    {
        var (small, large) = (Network(width: 8), Network(width: 64));
        var feed = new ModelBuilder().Input("x", 1, 3, 32, 32).Feed();

        Assert.AreEqual(1, LatencyMeter.Compare(small, small, feed, settings: Short).Ratio, 0.5);
        var comparison = LatencyMeter.Compare(large, small, feed, settings: Short);
        Assert.IsTrue(comparison.Ratio > 3, $"{comparison}");
        Assert.IsTrue(comparison.First.Minimum <= comparison.First.Median && comparison.First.Median > comparison.Second.Median);
    }

    [TestMethod]
    public void Rounds_alternate_their_order_and_end_with_the_time()
    {
        var order = new List<char>();
        var times = Timing.Interleaved([() => Note('a'), () => Note('b')], new(Seconds: 0.001, LeastRounds: 4));
        Assert.AreEqual((2, 4), (times.Length, times[0].Length));
        StringAssert.EndsWith(new string([.. order]), "abbaabba");

        void Note(char name)
        {
            order.Add(name);
            Thread.Sleep(2); // long enough not to be repeated
        }
    }

    [TestMethod]
    public void Measuring_stops_when_it_is_cancelled() =>
        Assert.ThrowsExactly<OperationCanceledException>(() => Timing.Interleaved([() => { }], new(), new CancellationToken(canceled: true)));

    private static byte[] Network(int width) =>
        OnnxWriter.ToBytes(new ModelBuilder().Input("x", -1, 3, 32, 32).Conv(width, 3).Relu().Conv(width, 3).Relu().GlobalPool().Build());
}
