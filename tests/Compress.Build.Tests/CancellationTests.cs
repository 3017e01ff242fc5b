using Compress.Testing;
using System.Diagnostics;

namespace Compress.Build.Tests;

[TestClass]
public sealed class CancellationTests
{
    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void A_cancelled_build_ends_the_tool_and_the_next_build_is_right()
    {
        var project = TempProject.WithModel("hang").SetProject("""<CompressModel Include="models/*.onnx" />""");
        project.Write("models/other.onnx", "others");
        project.Run("restore", project.ProjectFile).Expect(0);
        using var build = Dotnet.Start(project.Folder, ["build", project.ProjectFile, "--no-restore"], project.Environment(), out var text);
        Assert.IsTrue(SpinWait.SpinUntil(() => project.Has(TempProject.Obj("models/net.onnx.tmp")), TimeSpan.FromMinutes(3)), text.ToString());
        var tool = int.Parse(File.ReadAllText(project.Record).Trim().Split('\t')[^1]);

        using (var interrupt = Process.Start("kill", ["-INT", $"{build.Id}"])) interrupt.WaitForExit();

        Assert.IsTrue(build.WaitForExit(TimeSpan.FromMinutes(3)), text.ToString());
        Assert.AreNotEqual(0, build.ExitCode);
        Assert.IsTrue(SpinWait.SpinUntil(() => !IsRunning(tool), TimeSpan.FromSeconds(60)), "the tool outlived the build");
        Assert.IsFalse(project.Has(TempProject.Obj("models/net.onnx")));
        CollectionAssert.AreEqual(new[] { "net.onnx" }, project.TakeCalls().ToArray(), "no other model was begun");

        project.Write("compress.yaml", "");
        project.Build().Expect(0);
        Assert.AreEqual("compressed:weights", project.Read(TempProject.Bin("models/net.onnx")));
        Assert.IsFalse(project.Has(TempProject.Obj("models/net.onnx.tmp")));
    }

    private static bool IsRunning(int id)
    {
        try { return !Process.GetProcessById(id).HasExited; }
        catch (ArgumentException) { return false; }
    }
}
