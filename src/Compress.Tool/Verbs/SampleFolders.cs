using Compress.Data;
using Compress.Policy;

namespace Compress.Tool.Verbs;

/// <summary>The folders among a policy's data, each with a slash at its end: a sample added to one changes the result as much as a changed file.</summary>
internal static class SampleFolders
{
    public static IEnumerable<string> Of(ModelPolicy policy) =>
        from path in policy.Data().SelectMany(data => data.Places())
        where Directory.Exists(path)
        from folder in SampleFolder.Within(path).Prepend(path)
        select folder.TrimEnd('/', '\\') + '/';
}
