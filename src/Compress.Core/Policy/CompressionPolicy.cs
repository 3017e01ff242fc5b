using Compress.Diagnostics;

namespace Compress.Policy;

/// <summary>A value of the policy file with the place where it was written, for errors that are found later.</summary>
public sealed record At<T>(T Value, SourceLocation Location);

/// <summary>A policy file: one entry a model, `defaults` already merged, globs already expanded.</summary>
public sealed record CompressionPolicy(string File, IReadOnlyList<ModelPolicy> Models)
{
    /// <summary>The usual one.</summary>
    public const string FileName = "compress.yaml";

    /// <summary>Makes the entry of a model that the file does not name; null: the file has no `defaults`.</summary>
    internal Func<string, ModelPolicy>? FromDefaults { get; init; }

    /// <summary>
    /// The entry of one model: the one that names it, or `defaults` alone. Of several entries, the one for this build configuration.
    /// Whether that entry holds in the configuration at all, <see cref="ModelPolicy.AppliesTo"/> tells. The files that it needs are there.
    /// </summary>
    /// <exception cref="CompressionException">CMP1020, CMP1021: a file is missing; CMP1024: several entries hold; CMP1025: none, and there are no defaults; CMP2001: no such file.</exception>
    public ModelPolicy For(string modelPath, string? configuration = null)
    {
        var entry = Entry(modelPath, configuration);
        entry.CheckFiles(configuration);
        return entry;
    }

    private ModelPolicy Entry(string modelPath, string? configuration)
    {
        var path = Path.GetFullPath(modelPath);
        var named = Models.Where(m => Paths.Comparer.Equals(m.Model.Value, path)).ToList();
        if (named.Count == 0)
        {
            // An entry that finds no model may be meant for this one.
            if (Models.FirstOrDefault(m => m.MissingModel is not null && m.AppliesTo(configuration)) is { } astray) throw astray.MissingModel!.Error();
            if (FromDefaults is null) throw NotNamed(path);
            return System.IO.File.Exists(path) ? FromDefaults(path) : throw Codes.ModelMissing(path).Error();
        }

        var holding = named.Where(m => m.AppliesTo(configuration)).ToList();
        if (holding.Count <= 1) return holding.FirstOrDefault() ?? named[0];
        var lines = string.Join(", ", holding.Select(m => m.Model.Location.Line));
        throw Codes.ModelAmbiguous(modelPath, lines, holding[1].Model.Location).Error();
    }

    private CompressionException NotNamed(string path)
    {
        var folder = Path.GetDirectoryName(File)!;
        var names = Models.Select(m => Path.GetRelativePath(folder, m.Model.Value));
        var astray = System.IO.File.Exists(path) ? "" : " There is no such file, either.";
        return Codes.ModelNotNamed(path, astray + Nearest.Question(Path.GetRelativePath(folder, path), names), new(File, 1, 1)).Error();
    }
}
