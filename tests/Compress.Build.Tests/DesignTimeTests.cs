using Compress.Testing;
using System.Text.Json;

namespace Compress.Build.Tests;

[TestClass]
public sealed class DesignTimeTests
{
    [TestMethod]
    public void An_IDE_sees_the_items_and_never_waits()
    {
        var project = TempProject.WithModel();
        project.Run("restore", project.ProjectFile).Expect(0);

        var run = project.Run("msbuild", project.ProjectFile, "-t:GetCopyToOutputDirectoryItems",
            "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-getItem:Content;UpToDateCheckInput;UpToDateCheckOutput").Expect(0);

        using var items = JsonDocument.Parse(run.Text[run.Text.IndexOf('{')..]);
        CollectionAssert.AreEqual(new[] { "models/net.onnx" }, Metadata("Content", "TargetPath"));
        CollectionAssert.IsSubsetOf(new[] { "net", "compress" }, Metadata("UpToDateCheckInput", "Filename"));
        CollectionAssert.AreEqual(new[] { "Compress" }, Metadata("UpToDateCheckOutput", "Set"));
        Assert.AreEqual(0, project.TakeCalls().Count);

        string[] Metadata(string item, string name) => [.. items.RootElement.GetProperty("Items").GetProperty(item).EnumerateArray().Select(i => i.GetProperty(name).GetString()!)];
    }
}
