using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Tool.Verbs;

/// <summary>Where one model's results go. Absolute paths.</summary>
internal sealed record OutputPlace(ModelPolicy Policy, string Model, string? Report);

/// <summary>From --output and --report to a place for every model, no two of them one.</summary>
internal static class OutputPlaces
{
    /// <exception cref="CompressionException">CMP1023: two models would be put at one place; CMP8001: a place is a device.</exception>
    public static IReadOnlyList<OutputPlace> Of(IReadOnlyList<ModelPolicy> models, string policyFolder, string? output, string? report)
    {
        var several = models.Count > 1;
        var places = models.Select(model => new OutputPlace(model, Model(model, policyFolder, output, several), Report(model, policyFolder, report, several))).ToList();
        for (var i = 1; i < places.Count; i++)
            if (places.Take(i).FirstOrDefault(earlier => Paths.Comparer.Equals(earlier.Model, places[i].Model)) is { } first)
                throw Codes.SameOutput(places[i].Model, places[i].Policy.Model.Value, first.Policy.Model.Location.Line, places[i].Policy.Where("output")).Error();
        foreach (var path in places.SelectMany(place => new[] { place.Model, place.Report }).OfType<string>()) AtomicFile.CheckPlace(path);
        return places;
    }

    private static string Model(ModelPolicy model, string policyFolder, string? output, bool several)
    {
        var source = model.Model.Value;
        if (output is null) return Path.ChangeExtension(source, ".compressed.onnx");
        if (several) return Path.GetFullPath(Path.Combine(output, Within(model, policyFolder)));
        return Path.GetFullPath(IsFolder(output) ? Path.Combine(output, model.Output ?? Path.GetFileName(source)) : output);
    }

    private static string? Report(ModelPolicy model, string policyFolder, string? report, bool several)
    {
        if (report is null) return null;
        string Named(string name) => Path.Combine(report, Path.ChangeExtension(name, ".report.json"));
        return Path.GetFullPath(several ? Named(Within(model, policyFolder)) : IsFolder(report) ? Named(model.Output ?? Path.GetFileName(model.Model.Value)) : report);
    }

    private static bool IsFolder(string path) => Path.EndsInDirectorySeparator(path) || Directory.Exists(path);

    /// <summary>The place in the application, as a build has it: what the policy says, else the path beside the policy.</summary>
    private static string Within(ModelPolicy model, string policyFolder)
    {
        var path = Path.GetRelativePath(policyFolder, model.Model.Value);
        var outside = Path.IsPathRooted(path) || path.StartsWith("..", StringComparison.Ordinal);
        return model.Output ?? (outside ? Path.GetFileName(path) : path);
    }
}
