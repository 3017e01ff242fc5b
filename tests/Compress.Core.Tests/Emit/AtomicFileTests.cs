using Compress.Diagnostics;
using Compress.Emit;
using Compress.Graph;

namespace Compress.Core.Tests.Emit;

/// <summary>What is in place is whole.</summary>
[TestClass]
public sealed class AtomicFileTests
{
    [TestMethod]
    public void Folders_are_made_and_nothing_else_is_left()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.Write(folder["a/b/model.onnx"], [1, 2, 3]);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, File.ReadAllBytes(folder["a/b/model.onnx"]));
        Assert.AreEqual(1, Directory.GetFiles(folder["a/b"]).Length);
    }

    [TestMethod]
    public void Equal_bytes_are_not_written_again_but_their_time_is_new()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.onnx", "same");
        var old = DateTime.UtcNow.AddDays(-1);
        File.SetCreationTimeUtc(path, old);
        File.SetLastWriteTimeUtc(path, old);
        using (File.Open(path, FileMode.Open, FileAccess.Read, FileShare.Read)) AtomicFile.Write(path, "same");
        Assert.IsTrue(File.GetLastWriteTimeUtc(path) > old.AddHours(1));
    }

    [TestMethod]
    public void A_reader_sees_the_old_or_the_new_content_whole()
    {
        using var folder = new TemporaryFolder();
        var versions = new[] { new string('a', 200_000), new string('b', 300_000) };
        AtomicFile.Write(folder["f"], versions[0]);
        using var done = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            for (var i = 0; i < 60; i++) AtomicFile.Write(folder["f"], versions[i % 2]);
            done.Cancel();
        });
        while (!done.IsCancellationRequested) CollectionAssert.Contains(versions, File.ReadAllText(folder["f"]));
        writer.GetAwaiter().GetResult();
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void What_a_link_leads_to_is_left_alone_and_devices_are_no_place()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model.onnx", "the float one");
        File.CreateSymbolicLink(folder["link"], "model.onnx");
        AtomicFile.Write(folder["link"], "new");
        Assert.AreEqual(("the float one", "new"), (File.ReadAllText(folder["model.onnx"]), File.ReadAllText(folder["link"])));

        Assert.AreEqual("CMP8001", Assert.ThrowsExactly<CompressionException>(() => AtomicFile.Write("/dev/compress-build-test", [1])).Diagnostic.Code);
    }

    [TestMethod]
    public void What_can_not_be_written_is_an_error_with_a_code_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", "in the way");
        var error = Assert.ThrowsExactly<CompressionException>(() => AtomicFile.Write(folder["file/model.onnx"], [1]));
        Assert.AreEqual("CMP8001", error.Diagnostic.Code);
        Directory.CreateDirectory(folder["folder"]);
        Assert.ThrowsExactly<CompressionException>(() => AtomicFile.Write(folder["folder"], [1]));
        Assert.AreEqual(1, Directory.GetFiles(folder.Path).Length);
    }

    [TestMethod]
    public void The_dependency_file_lists_each_file_once_with_its_full_path()
    {
        using var folder = new TemporaryFolder();
        DependencyFile.Write(folder["d"], [folder["b.npz"], folder["a.onnx"], folder["x/../b.npz"]]);
        Assert.AreEqual($"{folder["a.onnx"]}\n{folder["b.npz"]}\n", File.ReadAllText(folder["d"]));
    }

    [TestMethod]
    public void Beside_a_link_to_a_folder_stands_the_folder()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["real"]);
        Directory.CreateSymbolicLink(folder["first"], "real");
        Directory.CreateSymbolicLink(folder["second"], folder["first"]);

        DependencyFile.Write(folder["d"], [folder["second/"], folder["gone/"]]);

        CollectionAssert.AreEqual(new[] { folder["gone/"], folder["real/"], folder["second/"] }, File.ReadAllLines(folder["d"]));
    }
}
