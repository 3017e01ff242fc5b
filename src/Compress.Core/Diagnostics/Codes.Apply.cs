namespace Compress.Diagnostics;

/// <summary>6xxx: applying a plan.</summary>
public static partial class Codes
{
    public static Diagnostic CutUnknownGroup(string group) =>
        Error(6001, $"The plan cuts the channel group '{group}', which the model does not have. Is the plan from another model? Delete compress.lock.json to search again.");

    public static Diagnostic CutClosedGroup(string group, string why) =>
        Error(6002, $"The plan cuts the channel group '{group}', whose channels must stay: {why}.");

    public static Diagnostic CutInvalid(string group, int channels) =>
        Error(6003, $"The plan's cut of the channel group '{group}' is not an ascending list of channels to keep, at least one of 0 to {channels - 1}.");
}
