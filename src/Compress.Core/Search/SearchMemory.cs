using System.Buffers.Binary;
using System.Collections.Concurrent;
using Compress.Data;
using Compress.Plan;

namespace Compress.Search;

/// <summary>
/// What a search has found out, so that nothing is measured twice: sensitivities while the model is open, damages of plans also in the cache. A search that
/// was interrupted finds its way again with the latter, and goes on where it was.
/// </summary>
/// <param name="cache">Null: nothing outlives the process.</param>
/// <param name="key">Fingerprint of all that a plan's damage depends on besides the plan.</param>
public sealed class SearchMemory(ResultCache? cache = null, string key = "")
{
    private readonly ConcurrentDictionary<string, double> damages = new(StringComparer.Ordinal);
    private readonly Dictionary<(bool Activations, bool Channels), Sensitivity> sensitivities = [];

    /// <summary>The memory of the same model with other weights.</summary>
    /// <param name="weights">Their fingerprint.</param>
    public SearchMemory Of(string weights) => new(cache, key + weights);

    /// <summary>Null: not known.</summary>
    public double? Damage(CompressionPlan plan)
    {
        var name = Name(plan);
        if (damages.TryGetValue(name, out var known)) return known;
        if (cache?.Get(name) is not { Length: sizeof(double) } bytes) return null;
        var kept = BinaryPrimitives.ReadDoubleLittleEndian(bytes);
        damages[name] = kept;
        return kept;
    }

    public void Keep(CompressionPlan plan, double damage)
    {
        damages[Name(plan)] = damage;
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, damage);
        cache?.Put(Name(plan), bytes);
    }

    /// <summary>The sensitivities of a model, measured once for all budgets that are asked for.</summary>
    public Sensitivity Sensitivity(bool activations, bool channels, Func<Sensitivity> measure)
    {
        if (!sensitivities.TryGetValue((activations, channels), out var known)) sensitivities[(activations, channels)] = known = measure();
        return known;
    }

    private string Name(CompressionPlan plan) => Fingerprint.Of(["damage of a draft", key, PlanJson.Write(plan).ToJsonString()]);
}
