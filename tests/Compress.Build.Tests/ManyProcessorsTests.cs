using System.Globalization;
using Compress.Testing;

namespace Compress.Build.Tests;

[TestClass]
public sealed class ManyProcessorsTests
{
    [TestMethod]
    public void A_build_on_more_processors_than_the_tool_takes_threads_gives_it_as_many_as_it_takes()
    {
        var project = TempProject.WithModel();

        Dotnet.Run(project.Folder, ["build", project.ProjectFile], new Dictionary<string, string>(project.Environment()) { ["DOTNET_PROCESSOR_COUNT"] = "400" }).Expect(0);

        Assert.AreEqual(256, int.Parse(project.TakeOption("--threads"), CultureInfo.InvariantCulture));
    }
}
