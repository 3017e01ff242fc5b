using System.Text;
using Compress.Testing;

namespace Compress.Core.Tests.Architecture;

/// <summary>One registry of codes: unique, sorted by stage, documented.</summary>
[TestClass]
public sealed class CodesTests
{
    private static readonly string[] Stages =
    [
        "Tool and native runtime", "Policy", "Reading models", "Data", "Analysis",
        "Planning and search", "Changing the model", "Evaluation and gate", "Writing results", "Internal",
    ];

    [TestMethod]
    public void Every_method_has_a_code_of_its_own()
    {
        var codes = CodeRegistry.Read();

        const string Form = "every method has the form 'public static Diagnostic Name(…) => Error(1234, \"…\", …);'";
        CollectionAssert.AreEquivalent(CodeRegistry.Methods().ToList(), codes.Select(c => c.Method).ToList(), Form);
        CollectionAssert.AllItemsAreUnique(codes.Select(c => c.Code).ToList());
        CollectionAssert.AllItemsAreUnique(codes.Select(c => c.Method).ToList());
    }

    [TestMethod]
    public void A_file_holds_the_codes_of_one_stage()
    {
        foreach (var file in CodeRegistry.Read().GroupBy(c => c.File)) Assert.HasCount(1, file.Select(c => c.Stage).Distinct().ToList(), file.Key);
    }

    [TestMethod]
    public void The_documentation_lists_every_code()
    {
        var text = new StringBuilder("# Codes\n\nMade from `src/Compress.Core/Diagnostics`. The first digit is the stage; ‹…› is filled in by the run. CMP0001, CMP0002, CMP0007, CMP0008 and CMP0014 to CMP0016 are raised by the build itself: see the README, *In the project*.\n");
        foreach (var stage in CodeRegistry.Read().GroupBy(c => c.Stage))
        {
            text.Append($"\n## {stage.Key}xxx: {Stages[stage.Key - '0']}\n\n| code | | message |\n|---|---|---|\n");
            foreach (var code in stage) text.Append($"| {code.Code} | {(code.IsError ? "error" : "warning")} | {code.Message.Replace("|", "\\|")} |\n");
        }

        Golden.Check(text.ToString(), "docs", "codes.md");
    }
}
