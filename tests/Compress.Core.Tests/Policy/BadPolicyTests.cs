using System.Text.RegularExpressions;
using Compress.Diagnostics;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests.Policy;

/// <summary>Each file of testassets/policies/bad names on its first line the one diagnostic that it must give.</summary>
[TestClass]
public sealed partial class BadPolicyTests
{
    private static readonly string Folder = Repository.PathTo("testassets", "policies");

    /// <summary>The graph that layer rules are resolved against.</summary>
    private static readonly LayerName[] Layers =
        [new("stem", "Conv"), new("block1/conv", "Conv"), new("head", "Gemm"), new("probabilities", "Softmax", HasWeights: false)];

    public static IEnumerable<object[]> Files =>
        Directory.GetFiles(Path.Combine(Folder, "bad")).Order(StringComparer.Ordinal).Select(f => new object[] { Path.GetFileName(f) });

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void A_mistake_is_one_coded_error_at_its_line_and_column(string name)
    {
        var file = Path.Combine(Folder, "bad", name);
        var expected = Expectation().Match(File.ReadLines(file).First());

        var diagnostic = Assert.ThrowsExactly<CompressionException>(() => Compress(file)).Diagnostic;

        Assert.AreEqual(expected.Groups["what"].Value, $"{diagnostic.Code} at {diagnostic.Location!.Line}:{diagnostic.Location.Column}", diagnostic.ToString());
        StringAssert.StartsWith(name, diagnostic.Code);
        Assert.AreEqual(Severity.Error, diagnostic.Severity);
        Assert.AreEqual(file, diagnostic.Location.File);
        StringAssert.Contains(diagnostic.Message, expected.Groups["hint"].Value);
        StringAssert.DoesNotMatch(diagnostic.ToString(), StackTrace());
    }

    /// <summary>All that a build asks of the policy stage.</summary>
    private static void Compress(string file)
    {
        var policy = PolicyReader.Read(file).For(Path.Combine(Folder, "models", "a.onnx"));
        LayerRules.Resolve(Layers, policy.Layers);
    }

    [GeneratedRegex(@"^# expect: (?<what>CMP\d{4} at \d+:\d+)(, says ""(?<hint>.*)"")?$")]
    private static partial Regex Expectation();

    [GeneratedRegex(@"[\r\n]|   at |Exception")]
    private static partial Regex StackTrace();
}
