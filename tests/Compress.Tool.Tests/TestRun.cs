namespace Compress.Tool.Tests;

/// <summary>What holds for all tests of this assembly.</summary>
[TestClass]
public static class TestRun
{
    /// <summary>No test finds what another one, or the developer, left in the cache.</summary>
    [AssemblyInitialize]
    public static void WithoutCache(TestContext context) => Environment.SetEnvironmentVariable("COMPRESS_CACHE", "none");
}
