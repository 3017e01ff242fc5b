using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests.Policy;

/// <summary>Editors check policies with a schema that agrees with the reader.</summary>
[TestClass]
public sealed class PolicySchemaTests
{
    /// <summary>Mistakes that a schema can see; the others need files, the graph, or two keys at once.</summary>
    private static readonly string[] Visible = ["CMP1008", "CMP1010", "CMP1013", "CMP1014", "CMP1015", "CMP1016"];

    /// <summary>Where the schema is not as strict: what fits the pattern of a text, and bounds that only the machine's integers have.</summary>
    private static readonly string[] TooFine = ["CMP1014-factor-below-1.yaml", "CMP1013-fraction-by-zero.yaml", "CMP1013-resize-of-three.yaml", "CMP1014-seed-too-large.yaml"];

    private static string Policies => Repository.PathTo("testassets", "policies");

    public static IEnumerable<object[]> Good => Names("good", "CMP", false);

    public static IEnumerable<object[]> Bad => Visible.SelectMany(code => Names("bad", code, true)).Where(n => !TooFine.Contains(n[0]));

    [TestMethod]
    public void The_schema_is_the_one_in_the_repository() =>
        Golden.Check(PolicySchema.Json(), "testassets", "policies", PolicySchema.FileName);

    [TestMethod]
    [DynamicData(nameof(Good))]
    public void What_the_reader_takes_the_schema_takes(string name)
    {
        var file = Path.Combine(Policies, "good", name);

        PolicyReader.Read(file);

        Assert.IsNull(SchemaValidator.Complaint(PolicySchema.Json(), File.ReadAllText(file)));
    }

    [TestMethod]
    [DynamicData(nameof(Bad))]
    public void A_mistake_in_one_key_is_seen_while_typing(string name) =>
        Assert.IsNotNull(SchemaValidator.Complaint(PolicySchema.Json(), File.ReadAllText(Path.Combine(Policies, "bad", name))));

    [TestMethod]
    public void Every_key_of_the_table_is_in_the_schema_with_its_description()
    {
        var schema = PolicySchema.Json();
        foreach (var key in Keys(PolicyKeys.Root).Distinct())
        {
            StringAssert.Contains(schema, $"\"{key.Name}\": {{");
            StringAssert.Contains(schema, $"\"description\": \"{key.Description}");
        }
    }

    private static IEnumerable<Key> Keys(Kind kind) => kind.Keys.SelectMany(k => Keys(k.Kind).Prepend(k));

    private static IEnumerable<object[]> Names(string folder, string start, bool starting) =>
        Directory.GetFiles(Path.Combine(Policies, folder)).Select(Path.GetFileName).Where(n => n!.StartsWith(start, StringComparison.Ordinal) == starting)
            .Order(StringComparer.Ordinal).Select(n => new object[] { n! });
}
