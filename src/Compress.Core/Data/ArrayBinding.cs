using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Data;

/// <summary>Which array belongs to which input, and which to which extra (labels, targets).</summary>
internal sealed record ArrayBinding(IReadOnlyList<(ModelInput Input, SampleArray Array)> Inputs, IReadOnlyList<(string Name, SampleArray Array)> Extras)
{
    /// <summary>By the names of a file's arrays. <c>file.npz:array</c> takes one of them, beside labels and targets.</summary>
    public static ArrayBinding ByName(DataRequest request)
    {
        var (path, array) = Path.Exists(request.Path) ? (request.Path, null) : DataSource.SplitArray(request.Path);
        var arrays = DataFormats.Open(request with { Path = path });
        if (array is null) return ByName(arrays, request);
        var chosen = Named(arrays, array) ?? throw Codes.ArrayNotInFile(request.At, array, path, Text(arrays)).Error();
        return ByName([chosen, .. arrays.Where(other => other != chosen && request.IsExtra(other.Name))], request);
    }

    /// <summary>By the policy's map: <c>input: file.npz:array</c>, or <c>input: file.npy</c>. Extras that it leaves out are looked up in the same files.</summary>
    public static ArrayBinding ByMap(IReadOnlyDictionary<string, At<string>> map, DataRequest request)
    {
        var files = new Dictionary<string, IReadOnlyList<SampleArray>>(StringComparer.Ordinal);
        var mapped = new List<SampleArray>();
        foreach (var (name, target) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (!request.IsExtra(name) && request.Inputs.All(input => input.Name != name))
                throw Codes.MapTargetUnknown(target.Location, name, string.Join(", ", request.Inputs.Select(input => $"'{input.Name}'"))).Error();
            var (path, array) = DataSource.SplitArray(target.Value);
            if (!files.TryGetValue(path, out var arrays)) files[path] = arrays = DataFormats.Open(request with { Path = path, At = target.Location });
            mapped.Add(new NamedArray(name, Find(arrays, array, name) ?? throw Codes.ArrayNotInFile(target.Location, array ?? name, path, Text(arrays)).Error()));
        }
        mapped.AddRange(files.Values.SelectMany(arrays => arrays).Where(array => request.Extras.Contains(array.Name) && Named(mapped, array.Name) is null).DistinctBy(array => array.Name));
        return ByName(mapped, request with { Path = string.Join(", ", files.Keys) });
    }

    /// <summary>A sole input takes a sole array under any name.</summary>
    private static ArrayBinding ByName(IReadOnlyList<SampleArray> arrays, DataRequest request)
    {
        var others = arrays.Where(array => !request.IsExtra(array.Name)).ToList();
        if (others.Exists(array => array.Unreadable is null)) others.RemoveAll(array => array.Unreadable is not null);
        var sole = request.Inputs.Count == 1 && others.Count == 1 ? others[0] : null;
        return new(
            [.. request.Inputs.Select(input => (input, Readable(Named(arrays, input.Name) ?? sole) ?? throw Codes.InputWithoutArray(request.At, input.Name, request.Path, Text(arrays)).Error()))],
            [.. request.Extras.Select(extra => (extra, Readable(Extra(arrays, extra)) ?? throw Codes.ExtraMissing(request.ExtrasAt, extra, request.Path, Text(arrays), Nearest.Question(extra, arrays.Select(array => array.Name))).Error()))]);
    }

    private static SampleArray? Named(IEnumerable<SampleArray> arrays, string name) => arrays.FirstOrDefault(array => array.Name == name);

    /// <summary>An array by name; without one, the array that has the input's name, or the file's only array.</summary>
    private static SampleArray? Find(IReadOnlyList<SampleArray> arrays, string? array, string name) =>
        array is not null ? Named(arrays, array) : Named(arrays, name) ?? (arrays.Count == 1 ? arrays[0] : null);

    /// <summary>"label" also answers to "labels", and "labels" to "label".</summary>
    private static SampleArray? Extra(IEnumerable<SampleArray> arrays, string name) =>
        Named(arrays, name) ?? Named(arrays, name + "s") ?? (name.EndsWith('s') ? Named(arrays, name[..^1]) : null);

    private static SampleArray? Readable(SampleArray? array) => array?.Unreadable is { } why ? throw why : array;

    private static string Text(IReadOnlyList<SampleArray> arrays) => string.Join(", ", arrays);

    /// <summary>An array under the name of the input that it is mapped to.</summary>
    private sealed class NamedArray(string name, SampleArray array) : SampleArray(name, array.File, array.Type, array.Dims)
    {
        public override ArrayForm Form => array.Form;

        public override CompressionException? Unreadable => array.Unreadable;

        public override IEnumerable<string> Files => array.Files;

        public override IRowReader Open(long row) => array.Open(row);
    }
}
