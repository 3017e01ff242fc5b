using System.IO.Compression;
using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class ToolAndPackageAgreeTests
{
    [TestMethod]
    public void Both_packages_carry_the_same_tool()
    {
        using var package = ZipFile.OpenRead(LocalFeed.Package);
        using var tool = ZipFile.OpenRead(LocalFeed.ToolPackage);

        CollectionAssert.AreEqual(Tools(package), Tools(tool));
    }

    [TestMethod]
    public void The_package_holds_what_it_should_and_nothing_to_reference()
    {
        using var package = ZipFile.OpenRead(LocalFeed.Package);
        var names = package.Entries.Select(entry => entry.FullName).ToList();

        CollectionAssert.IsSubsetOf(
            new[] { "build/Compress.Build.props", "build/Compress.Build.targets", "buildMultiTargeting/Compress.Build.targets", "tasks/netstandard2.0/Compress.Tasks.dll", "tools/net10.0/any/Compress.Tool.dll", "README.md", "LICENSE" }, names);
        CollectionAssert.AreEqual(new[] { "Compress.Tasks.dll" }, names.Where(name => name.StartsWith("tasks/", StringComparison.Ordinal)).Select(Path.GetFileName).ToArray(), "MSBuild has everything else");
        Assert.IsFalse(names.Any(name => name.StartsWith("lib/", StringComparison.Ordinal) || name.StartsWith("buildTransitive/", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void The_dotnet_tool_installs_and_writes_the_bytes_that_a_build_writes()
    {
        var project = new TempProject(realTool: true);
        TinyModel.Write(project.Folder);
        project.SetProject("""<CompressModel Include="net.onnx" />""").Build().Expect(0);

        Dotnet.Run(project.Folder, ["tool", "install", "Compress.Tool", "--tool-path", "tools", "--version", LocalFeed.Version], project.Environment()).Expect(0);
        Dotnet.Run(project.Folder, ["exec", Directory.GetFiles(project.PathTo("tools"), "Compress.Tool.dll", SearchOption.AllDirectories).Single(), "net.onnx", "--output", "by-hand.onnx"]).Expect(0);

        CollectionAssert.AreEqual(File.ReadAllBytes(project.PathTo(TempProject.Bin("net.onnx"))), File.ReadAllBytes(project.PathTo("by-hand.onnx")));
    }

    /// <summary>Names and checksums of what lies in tools/, but for the one file that makes a package a dotnet tool.</summary>
    private static string[] Tools(ZipArchive package) =>
        [.. package.Entries.Where(entry => entry.FullName.StartsWith("tools/", StringComparison.Ordinal) && entry.Name != "DotnetToolSettings.xml").Select(entry => $"{entry.FullName} {entry.Crc32:x8}").Order(StringComparer.Ordinal)];
}
