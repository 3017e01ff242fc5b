using System.Text.RegularExpressions;
using System.Xml.Linq;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Repository.PathTo("README.md"));

    [TestMethod]
    public void The_quick_start_builds_as_it_is_written()
    {
        var project = new TempProject();
        project.Write("models/resnet20.onnx", "weights");
        project.Write("compress.yaml", "");
        var items = XElement.Parse(Block("xml"));
        items.Elements("PackageReference").Remove();

        project.SetProject(string.Concat(items.Elements())).Build().Expect(0);

        Assert.IsTrue(project.Has(TempProject.Bin("models/resnet20.onnx")));
    }

    [TestMethod]
    public void The_quick_starts_policy_reads()
    {
        var folder = TempRoot.NewFolder("readme");
        foreach (var file in new[] { "models/resnet20.onnx", "data/calibration.npz", "data/validation.npz" })
        {
            Directory.CreateDirectory(Path.Combine(folder, Path.GetDirectoryName(file)!));
            File.WriteAllText(Path.Combine(folder, file), "");
        }
        File.WriteAllText(Path.Combine(folder, "compress.yaml"), Block("yaml"));

        Assert.AreEqual(0.5, PolicyReader.Read(Path.Combine(folder, "compress.yaml")).Models.Single().Accuracy!.MaxDrop!.Value);
    }

    [TestMethod]
    public void Every_property_of_the_package_is_documented()
    {
        var properties = XDocument.Load(Repository.PathTo("build", "Compress.Build.props")).Descendants("PropertyGroup").Elements().Select(property => property.Name.LocalName).Where(name => name.StartsWith("Compress", StringComparison.Ordinal)).ToList();

        CollectionAssert.IsSubsetOf(properties, Property().Matches(Readme).Select(match => match.Value).ToList());
    }

    private static string Block(string language) => Regex.Match(Readme, $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    [GeneratedRegex("Compress[A-Z][A-Za-z]+")]
    private static partial Regex Property();
}
