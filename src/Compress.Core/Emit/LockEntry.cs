using System.Text.Json.Nodes;

namespace Compress.Emit;

/// <summary>What a locked plan was made from; when all of it is the same, the plan can be applied without a search.</summary>
/// <param name="Tool">Version of this tool.</param>
/// <param name="Policy">The model's policy in its canonical form, the seed among it.</param>
/// <param name="Files">Fingerprints by role: model, calibration data, validation data …</param>
public sealed record LockInputs(string Tool, JsonObject Policy, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>What differs, in words; empty when nothing does.</summary>
    public IReadOnlyList<string> ChangesFrom(LockInputs earlier)
    {
        var changes = new List<string>();
        if (earlier.Tool != Tool) changes.Add($"the tool's version ({earlier.Tool}, now {Tool})");
        Compare("", earlier.Policy, Policy, changes);
        foreach (var role in earlier.Files.Keys.Union(Files.Keys).Order(StringComparer.Ordinal))
            if (earlier.Files.GetValueOrDefault(role) != Files.GetValueOrDefault(role)) changes.Add($"the {role}");
        return changes;
    }

    private static void Compare(string path, JsonObject before, JsonObject after, List<string> changes)
    {
        foreach (var key in before.Select(member => member.Key).Union(after.Select(member => member.Key)).Order(StringComparer.Ordinal))
        {
            var name = path.Length > 0 ? $"{path}.{key}" : key;
            if (before[key] is JsonObject was && after[key] is JsonObject now) Compare(name, was, now, changes);
            else if (!JsonNode.DeepEquals(before[key], after[key])) changes.Add($"the policy's {name}");
        }
    }
}

/// <summary>One model's part of the lock file.</summary>
/// <param name="Inputs">What the plan was made from.</param>
/// <param name="Plan">The plan, in the form of the stage that made it.</param>
/// <param name="Figures">The figures reached, and what was measured on the machine that searched.</param>
/// <param name="Output">Fingerprint of the compressed model.</param>
public sealed record LockEntry(LockInputs Inputs, JsonObject Plan, JsonObject? Figures, string Output);
