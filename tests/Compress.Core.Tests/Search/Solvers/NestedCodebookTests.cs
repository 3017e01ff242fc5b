using Compress.Search.Solvers;

namespace Compress.Core.Tests.Search.Solvers;

/// <summary>Grids of several widths that lie in each other.</summary>
[TestClass]
public sealed class NestedCodebookTests
{
    [TestMethod]
    public void Codebooks_are_nested_and_keep_the_range()
    {
        CollectionAssert.AreEqual((int[])[-8, -4, 0, 4], NestedCodebook.Codes(2, 4));
        for (var bits = 1; bits < 4; bits++) CollectionAssert.IsSubsetOf(NestedCodebook.Codes(bits, 4), NestedCodebook.Codes(bits + 1, 4));
        Assert.AreEqual(16, NestedCodebook.Codes(4, 4).Length);
        // 2^N steps are the whole range, ±βσ.
        Assert.AreEqual(3.0, 16 * NestedCodebook.Step(1, 4), 1e-12);
    }

    [TestMethod]
    public void The_nearest_code_is_nearest()
    {
        for (var bits = 1; bits <= 4; bits++)
            for (var value = -10.05; value < 10; value += 0.1)
            {
                var codes = NestedCodebook.Codes(bits, 4);
                Assert.AreEqual(codes.Min(code => Math.Abs(code - value)), Math.Abs(NestedCodebook.Nearest(value, bits, 4) - value), 1e-9, $"{value} at {bits} bits");
            }
    }
}
