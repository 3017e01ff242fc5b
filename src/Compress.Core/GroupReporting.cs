using Compress.Analysis;
using Compress.Emit;
using Compress.Search;

namespace Compress;

/// <summary>The channel groups of a finished compression: what stayed of each, and why.</summary>
internal static class GroupReporting
{
    /// <summary>In graph order.</summary>
    /// <param name="final">Null: the model is passed on as it came.</param>
    public static IReadOnlyList<GroupFigures> Of(SearchContext search, Candidate? final) => [.. search.Facts.Groups.Groups.Select(group => Group(search, final, group))];

    private static GroupFigures Group(SearchContext search, Candidate? final, ChannelGroup group)
    {
        var kept = final?.Plan.Cuts.FirstOrDefault(cut => cut.Group == group.Id)?.Kept.Count ?? group.Channels;
        var errors = group.Consumers.Select(layer => final?.Applied.Layers.GetValueOrDefault(layer.Layer)?.Error ?? double.NaN).Where(double.IsFinite).ToList();
        return new GroupFigures(group.Id, kept, group.Channels)
        {
            Error = errors.Count > 0 ? Math.Round(errors.Max(), 9) : null,
            Reason = kept < group.Channels ? null : Reason(search, final, group),
        };
    }

    private static string Reason(SearchContext search, Candidate? final, ChannelGroup group) =>
        group.Closed
        ?? (search.Policy.Prune.Enabled == false ? "the policy asks for no pruning"
            : Prunable.IsPinned(search, group) ? "a rule of the policy leaves its layers alone"
            : final is null || final.Plan.Cuts.IsEmpty ? "no channel had to go"
            : "its channels cost more accuracy than those of other groups");
}
