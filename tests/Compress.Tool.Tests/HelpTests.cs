namespace Compress.Tool.Tests;

[TestClass]
public sealed class HelpTests
{
    [TestMethod]
    public void Help_shows_the_verbs_examples_and_exit_codes()
    {
        var help = ToolRun.Of("--help").Expect(0).Output;

        foreach (var part in new[] { "dotnet-compress", "compress <model>", "Examples:", "130 cancelled" }) StringAssert.Contains(help, part);
    }

    [TestMethod]
    [DataRow("search", "--pareto")]
    [DataRow("evaluate", "--as")]
    [DataRow("inspect", "--groups")]
    public void A_verb_explains_itself_to_one_who_names_no_model(string verb, string option) => StringAssert.Contains(ToolRun.Of(verb, "--help").Expect(0).Output, option);

    [TestMethod]
    public void A_verb_explains_its_options_and_hides_those_of_the_build()
    {
        var help = ToolRun.Of("compress", "--help").Expect(0).Output;

        StringAssert.Contains(help, "--policy");
        Assert.IsFalse(help.Contains("--depends", StringComparison.Ordinal));
    }
}
