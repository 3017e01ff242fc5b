using Compress.Diagnostics;
using Compress.Emit;
using Compress.Graph;
using Compress.Policy;

namespace Compress;

/// <summary>
/// Where results go: into place when everything was met, else beside the work. A model of an earlier run does not stay in the place of one that
/// missed: a build that was told not to compile again would ship it.
/// </summary>
public static class OutputFiles
{
    /// <summary>All files that a run may write for its model, or delete: in place, and where the candidate stays.</summary>
    /// <param name="output">See <see cref="CompressionRequest.Output"/>.</param>
    /// <param name="report">See <see cref="CompressionRequest.Report"/>.</param>
    /// <param name="workFolder">See <see cref="CompressionRequest.WorkFolder"/>.</param>
    public static IReadOnlyList<string> Of(string output, string? report, string? workFolder) =>
        [.. new[] { (output, report), Candidate(output, workFolder) }.SelectMany(All).Select(Path.GetFullPath)];

    /// <summary>Nothing that is read may be written.</summary>
    /// <param name="read">Files, with the words for them.</param>
    /// <exception cref="CompressionException">CMP0005.</exception>
    public static void Check(IEnumerable<string> written, IEnumerable<(string Path, string What)> read)
    {
        var (paths, taken) = (new RealPaths(), new Dictionary<string, string>(Paths.Comparer));
        foreach (var (path, what) in read)
            foreach (var name in new[] { paths.PlaceOf(path), paths.Of(path) }) taken.TryAdd(name, what);
        foreach (var path in written)
            if (taken.TryGetValue(paths.PlaceOf(path), out var what)) throw Codes.OutputIsInput(path, what).Error();
    }

    /// <summary>Where the best candidate stays when a gate or budget was missed.</summary>
    internal static string CandidatePath(CompressionRequest request) => Candidate(request).Model;

    /// <summary>Writes model and reports, and takes away what an earlier run left at the other place; returns the model's path.</summary>
    /// <exception cref="CompressionException">CMP8001 when a file can't be written.</exception>
    internal static string Write(CompressionRequest request, byte[] model, Report report, bool passed)
    {
        var result = (Model: request.Output, request.Report);
        Delete(passed ? Candidate(request) : result);
        var (path, json) = passed ? result : Candidate(request);
        AtomicFile.Write(path, model);
        if (json is null) return path;
        try
        {
            AtomicFile.Write(json, ReportJson.Write(report));
            AtomicFile.Write(Page(json), ReportHtml.Write(report));
        }
        catch
        {
            Delete((path, json));
            throw;
        }
        return path;
    }

    /// <summary>Puts the float model in place as it is; figures of an earlier run would not be those of it.</summary>
    /// <exception cref="CompressionException">CMP2001, CMP2002 when the model can't be read, CMP8001 when a file can't be written.</exception>
    public static void PassOn(CompressionRequest request)
    {
        var model = OnnxReader.Bytes(request.Policy.Model.Value);
        Delete(Candidate(request));
        Delete((null, request.Report));
        AtomicFile.Write(request.Output, model);
    }

    /// <summary>A run that ends with an error leaves nothing that looks finished.</summary>
    internal static void TakeBack(CompressionRequest request) => Delete((request.Output, request.Report));

    private static (string Model, string? Report) Candidate(CompressionRequest request) => Candidate(request.Output, request.WorkFolder);

    private static (string Model, string? Report) Candidate(string output, string? workFolder)
    {
        var path = Path.Combine(workFolder ?? Path.GetDirectoryName(Path.GetFullPath(output))!, Path.GetFileNameWithoutExtension(output) + ".candidate.onnx");
        return (path, Path.ChangeExtension(path, ".report.json"));
    }

    private static IEnumerable<string> All((string? Model, string? Report) files) => new[] { files.Model, files.Report, files.Report is { } report ? Page(report) : null }.OfType<string>();

    private static string Page(string report) => Path.ChangeExtension(report, ".html");

    private static void Delete((string? Model, string? Report) files)
    {
        foreach (var file in All(files))
        {
            try
            {
                if (File.Exists(file)) File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Codes.CannotWrite(file, e.Message).Error(e);
            }
        }
    }
}
