namespace Compress.Core.Tests;

[TestClass]
public sealed class SearchTimeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [TestMethod]
    public void A_part_ends_before_the_whole()
    {
        using var time = new SearchTime(TimeSpan.FromMinutes(10));
        using var share = time.Share(10_000);
        Assert.IsTrue(share.Token.WaitHandle.WaitOne(Patience));
        Assert.IsFalse(time.Enough.IsCancellationRequested);
    }

    [TestMethod]
    public void And_with_it()
    {
        using var time = new SearchTime(TimeSpan.FromMilliseconds(20));
        using var share = time.Share(1);
        Assert.IsTrue(time.Enough.WaitHandle.WaitOne(Patience) && share.Token.WaitHandle.WaitOne(Patience));
        using var late = time.Share(2);
        Assert.IsTrue(late.IsCancellationRequested);
    }

    [TestMethod]
    public void Without_a_limit_nothing_ends()
    {
        using var time = new SearchTime(null);
        using var share = time.Share(2);
        Assert.IsFalse(share.Token.WaitHandle.WaitOne(50));
    }
}
