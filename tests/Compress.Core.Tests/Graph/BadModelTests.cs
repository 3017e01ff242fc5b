using Compress.Core.Tests.Architecture;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;

namespace Compress.Core.Tests.Graph;

/// <summary>Each file of testassets/models/bad is named by the code that it must end with.</summary>
[TestClass]
public sealed class BadModelTests
{
    private static readonly string Folder = Repository.PathTo("testassets", "models", "bad");

    public static IEnumerable<object[]> Files => BadModels.All.Keys.Where(name => name.EndsWith(".onnx", StringComparison.Ordinal)).Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void A_bad_model_is_one_coded_error_that_says_what_to_do(string name)
    {
        var path = Path.Combine(Folder, name);

        var diagnostic = Assert.ThrowsExactly<CompressionException>(() => Use(path)).Diagnostic;

        StringAssert.StartsWith(name, diagnostic.Code, diagnostic.ToString());
        Assert.AreEqual(Severity.Error, diagnostic.Severity);
        Assert.IsFalse(diagnostic.Message.Contains('\n') || diagnostic.Message.Contains("   at ", StringComparison.Ordinal), diagnostic.Message);
        if (diagnostic.Code != "CMP2020") Assert.AreEqual(path, diagnostic.Location!.File);
    }

    [TestMethod]
    public void A_missing_model_is_said_so() =>
        Assert.AreEqual("CMP2001", Assert.ThrowsExactly<CompressionException>(() => OnnxReader.Read(Path.Combine(Folder, "none.onnx"))).Diagnostic.Code);

    [TestMethod]
    public void A_file_of_another_format_is_named()
    {
        string Message(string name) => Assert.ThrowsExactly<CompressionException>(() => OnnxReader.Read(Path.Combine(Folder, name))).Message;

        StringAssert.Contains(Message("CMP2003-zip.onnx"), "PyTorch");
        StringAssert.Contains(Message("CMP2003-tensorflow-lite.onnx"), "TensorFlow Lite");
        StringAssert.Contains(Message("CMP2003-download-page.onnx"), "failed download");
    }

    [TestMethod]
    public void The_files_are_those_that_the_table_describes()
    {
        if (Environment.GetEnvironmentVariable(Golden.UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Folder);
            foreach (var old in Directory.GetFiles(Folder)) File.Delete(old);
            foreach (var (name, content) in BadModels.All) File.WriteAllBytes(Path.Combine(Folder, name), content);
        }

        CollectionAssert.AreEqual(BadModels.All.Keys.ToArray(), Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        foreach (var (name, content) in BadModels.All) CollectionAssert.AreEqual(content, File.ReadAllBytes(Path.Combine(Folder, name)), name);
    }

    [TestMethod]
    public void Every_code_of_reading_models_is_raised()
    {
        var files = BadModels.All.Keys.Select(name => name[..Math.Min(7, name.Length)]);
        var tests = string.Concat(Directory.GetFiles(Repository.PathTo("tests", "Compress.Core.Tests", "Graph"), "*Tests.cs").Select(File.ReadAllText));

        var never = CodeRegistry.Read().Where(code => code.Stage == '2' && !files.Contains(code.Code) && !tests.Contains($"\"{code.Code}\"", StringComparison.Ordinal));

        Assert.AreEqual("", string.Join(' ', never.Select(code => $"{code.Code} {code.Method}")));
    }

    /// <summary>All that a compression asks of the Graph stage, and one run.</summary>
    private static void Use(string path)
    {
        var model = OpsetUpgrade.To(OnnxReader.Read(path), 21);
        using var session = new Session(model, new SessionSettings());
        session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(new float[48], 1, 3, 4, 4) });
    }
}
