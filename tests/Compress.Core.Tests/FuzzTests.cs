using Compress.Core.Tests.Emit;
using Compress.Testing;

namespace Compress.Core.Tests;

/// <summary>Random graphs through the whole path, a few of the two thousand that `bench fuzz` runs: nothing crashes, every file loads, no gate errs.</summary>
[TestClass]
public sealed class FuzzTests
{
    [TestMethod]
    [DataRow(1, 36, false)]
    [DataRow(2001, 4, true)]
    [DataRow(1274, 1, false, DisplayName = "a pooled value that a sub-graph reads")]
    public void Random_graphs_survive_the_whole_path(int first, int count, bool whole)
    {
        using var folder = new TemporaryFolder();
        var failures = Enumerable.Range(first, count).Select(seed => Fuzz.Run(seed, folder["case"], whole) is { } failure ? $"seed {seed}: {failure}" : "").Where(line => line.Length > 0);
        Assert.AreEqual("", string.Join('\n', failures));
    }
}
