using System.Text;
using Compress.Diagnostics;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests.Policy;

/// <summary>Whatever a file holds, reading it gives a policy or one coded error.</summary>
[TestClass]
public sealed class HostileFilesTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void A_missing_policy_is_named()
    {
        using var folder = new PolicyFolder();
        Assert.AreEqual("CMP1001", Mistake(folder["nowhere.yaml"])!.Code);
        Assert.AreEqual("CMP1001", Mistake(folder["no/where.yaml"])!.Code);
    }

    [TestMethod]
    public void A_folder_is_no_policy()
    {
        using var folder = new PolicyFolder();
        Assert.AreEqual("CMP1002", Mistake(folder["."])!.Code);
    }

    [TestMethod]
    public void A_path_with_a_zero_character_is_none()
    {
        using var folder = new PolicyFolder();
        Assert.AreEqual("CMP1013 at 3:12", folder.Mistake("version: 1\nmodels:\n  - model: \"a\\0.onnx\""));
    }

    [TestMethod]
    public void A_byte_order_mark_and_carriage_returns_change_nothing()
    {
        using var folder = new PolicyFolder();
        File.WriteAllText(folder["compress.yaml"], "version: 1\r\nmodels:\r\n  - model: model.onnx\r\n    seed: 4\r\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        var model = PolicyReader.Read(folder["compress.yaml"]).Models.Single();

        Assert.AreEqual((4, 3, 12), (model.Seed, model.Model.Location.Line, model.Model.Location.Column));
    }

    [TestMethod]
    public void A_binary_file_is_one_coded_error()
    {
        using var folder = new PolicyFolder();
        var bytes = new byte[4096];
        new Random(3).NextBytes(bytes);
        File.WriteAllBytes(folder["compress.yaml"], bytes);
        Assert.IsNotNull(Mistake(folder["compress.yaml"]));
    }

    [TestMethod]
    public void Aliases_of_aliases_take_neither_memory_nor_time()
    {
        using var folder = new PolicyFolder();
        var text = new StringBuilder("version: 1\nmodels: [{ model: model.onnx }]\ndefaults:\n  a0: &a0 [x, x]\n");
        for (var i = 1; i < 30; i++) text.Append($"  a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n");
        Assert.AreEqual("CMP1010 at 4:3", folder.Mistake(text.ToString()));
    }

    [TestMethod]
    public void Damaged_policies_give_a_policy_or_one_coded_error_inside_the_file()
    {
        const int Seed = 7;
        TestContext.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var policies = Directory.GetFiles(Repository.PathTo("testassets", "policies", "bad")).Order(StringComparer.Ordinal).Select(File.ReadAllText).ToList();
        using var folder = new PolicyFolder("models/a.onnx", "data/calibration.npz");

        for (var trial = 0; trial < 1_500; trial++)
        {
            var text = Damage(policies[random.Next(policies.Count)].Replace("../", ""), random);
            File.WriteAllText(folder["compress.yaml"], text);
            if (Mistake(folder["compress.yaml"]) is not { } mistake) continue;
            StringAssert.StartsWith(mistake.Code, "CMP1");
            Assert.IsTrue(mistake.Location!.Line >= 1 && mistake.Location.Line <= text.Split('\n').Length + 1, $"{mistake}\n{text}");
        }
    }

    private static Diagnostic? Mistake(string file)
    {
        try
        {
            PolicyReader.Read(file);
            return null;
        }
        catch (CompressionException e)
        {
            return e.Diagnostic;
        }
    }

    private static string Damage(string text, Random random)
    {
        const string Letters = "[]{}:-,*&!|>'\"#%@`?~ \t\n0ax\\é\0";
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(text.Length);
            text = random.Next(3) switch
            {
                0 => text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at)),
                1 => text.Insert(at, Letters[random.Next(Letters.Length)].ToString()),
                _ => text.Insert(random.Next(text.Length), text.Substring(at, Math.Min(random.Next(1, 30), text.Length - at))),
            };
            if (text.Length == 0) return " ";
        }

        return text;
    }
}
