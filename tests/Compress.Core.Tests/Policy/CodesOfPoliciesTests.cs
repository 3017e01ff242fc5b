using Compress.Core.Tests.Architecture;
using Compress.Testing;

namespace Compress.Core.Tests.Policy;

/// <summary>Every code of the policy stage is raised by a broken policy or by a test beside this one.</summary>
[TestClass]
public sealed class CodesOfPoliciesTests
{
    [TestMethod]
    public void Every_code_is_raised()
    {
        var broken = Directory.GetFiles(Repository.PathTo("testassets", "policies", "bad")).Select(f => Path.GetFileName(f)[..7]);
        var tests = string.Concat(Directory.GetFiles(Repository.PathTo("tests", "Compress.Core.Tests", "Policy"), "*Tests.cs").Select(File.ReadAllText));

        var never = CodeRegistry.Read().Where(c => c.Stage == '1' && !broken.Contains(c.Code) && !tests.Contains($"\"{c.Code}\"", StringComparison.Ordinal));

        Assert.AreEqual("", string.Join(' ', never.Select(c => $"{c.Code} {c.Method}")));
    }
}
