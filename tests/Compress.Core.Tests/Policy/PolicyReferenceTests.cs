using System.Text;
using Compress.Policy;
using Compress.Testing;

namespace Compress.Core.Tests.Policy;

/// <summary>docs/policy.md lists every key, from the table that the reader uses.</summary>
[TestClass]
public sealed class PolicyReferenceTests
{
    [TestMethod]
    public void The_reference_of_keys_is_up_to_date()
    {
        var text = new StringBuilder("""
            # Keys of a policy

            Made from the table of keys in `src/Compress.Core/Policy`.
            All paths are relative to the policy, but for `output`. A model that the build names uses the entry of the same file, else `defaults`.
            Every key of a model but `model` and `output` may also stand under `defaults:`, where it holds for all models that do not say otherwise: mappings are merged key by key, lists and data replaced.

            """.ReplaceLineEndings("\n"));
        Append(text, "The file", PolicyKeys.Root);
        Append(text, "`models:`", PolicyKeys.Model);
        foreach (var section in Sections(PolicyKeys.Model).DistinctBy(s => s.Name)) Append(text, $"`{section.Name}:`", section.Kind);
        Golden.Check(text.ToString(), "docs", "policy.md");
    }

    private static IEnumerable<Key> Sections(Kind kind) =>
        kind.Keys.Where(k => k.Kind.Keys.Count > 0).SelectMany(k => Sections(k.Kind).Prepend(k));

    private static void Append(StringBuilder text, string title, Kind kind)
    {
        text.Append($"\n## {title}\n\n| key | takes | default | |\n|---|---|---|---|\n");
        foreach (var key in kind.Keys)
            text.Append($"| `{key.Name}`{(key.Presence == Presence.Optional ? "" : " (required)")} | {key.Kind.Expected} | {key.Default} | {key.Description} |\n");
    }
}
