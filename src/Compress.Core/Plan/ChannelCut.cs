namespace Compress.Plan;

/// <summary>Which channels of a group stay.</summary>
/// <param name="Group">Id of the channel group.</param>
/// <param name="Kept">Channels by their number in the group, ascending; none where the whole branch goes that the group feeds.</param>
public sealed record ChannelCut(string Group, IReadOnlyList<int> Kept);
