using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Tool.Verbs;

/// <summary>Where one model's results go. Absolute paths.</summary>
/// <param name="Work">Where the candidate stays; null: beside the model.</param>
internal sealed record OutputPlace(ModelPolicy Policy, string Model, string? Report, string? Work)
{
    public IReadOnlyList<string> Files => OutputFiles.Of(Model, Report, Work);
}

/// <summary>From --output, --report and --work to places for every model. No two of them are one, and none is that of a file which is read.</summary>
/// <param name="policyFile">Its folder is where models lie.</param>
/// <param name="read">What must not be overwritten, with the words for it.</param>
internal sealed class OutputPlaces(string policyFile, IEnumerable<(string Path, string What)> read)
{
    private readonly string policyFolder = Path.GetDirectoryName(policyFile)!;
    private readonly IReadOnlyList<(string Path, string What)> read = [.. read];

    /// <exception cref="CompressionException">CMP0005: a place is that of a file which is read; CMP1023: two models would be put at one place; CMP8001: a place is a device.</exception>
    public IReadOnlyList<OutputPlace> Of(IReadOnlyList<ModelPolicy> models, string? output, string? report, string? work)
    {
        var several = models.Count > 1;
        var places = models.Select(model => new OutputPlace(model, Model(model, output, several), Report(model, report, several), Work(model, work, several))).ToList();
        OutputFiles.Check(places.SelectMany(place => place.Files), read);
        var taken = new Dictionary<string, OutputPlace>(Paths.Comparer);
        foreach (var place in places)
            foreach (var path in place.Files)
            {
                AtomicFile.CheckPlace(path);
                if (taken.TryAdd(path, place)) continue;
                if (taken[path] == place) throw Codes.OutputIsInput(path, "another one").Error();
                throw Codes.SameOutput(path, place.Policy.Model.Value, taken[path].Policy.Model.Location.Line, place.Policy.Where("output")).Error();
            }
        return places;
    }

    private string Model(ModelPolicy model, string? output, bool several)
    {
        var source = model.Model.Value;
        if (output is null) return Path.ChangeExtension(source, ".compressed.onnx");
        if (several) return Path.GetFullPath(Path.Combine(output, Within(model)));
        return Path.GetFullPath(IsFolder(output) ? Path.Combine(output, model.Output ?? Path.GetFileName(source)) : output);
    }

    private string? Report(ModelPolicy model, string? report, bool several)
    {
        if (report is null) return null;
        string Named(string name) => Path.Combine(report, Path.ChangeExtension(name, ".report.json"));
        return Path.GetFullPath(several ? Named(Within(model)) : IsFolder(report) ? Named(model.Output ?? Path.GetFileName(model.Model.Value)) : report);
    }

    private string? Work(ModelPolicy model, string? work, bool several) => several && work is not null ? Path.Combine(work, Within(model)) : work;

    private static bool IsFolder(string path) => Path.EndsInDirectorySeparator(path) || Directory.Exists(path);

    /// <summary>The place in the application, as a build has it: what the policy says, else the path beside the policy.</summary>
    private string Within(ModelPolicy model)
    {
        var path = Path.GetRelativePath(policyFolder, model.Model.Value);
        var outside = Path.IsPathRooted(path) || path.StartsWith("..", StringComparison.Ordinal);
        return model.Output ?? (outside ? Path.GetFileName(path) : path);
    }
}
