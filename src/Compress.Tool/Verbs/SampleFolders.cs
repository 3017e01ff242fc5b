using Compress.Data;
using Compress.Policy;

namespace Compress.Tool.Verbs;

/// <summary>The folders among a policy's data, each with a slash at its end: a sample added to one changes the result as much as a changed file.</summary>
internal static class SampleFolders
{
    public static IEnumerable<string> Of(ModelPolicy policy) =>
        from data in new[] { policy.Calibration?.Data, policy.Accuracy?.Data, policy.Train?.Data }.OfType<DataSource>()
        from path in data.Path is { } one ? [one] : data.Inputs.Values.Select(target => DataSource.SplitArray(target.Value).File)
        where Directory.Exists(path)
        from folder in SampleFolder.Within(path).Prepend(path)
        select folder.TrimEnd('/', '\\') + '/';
}
