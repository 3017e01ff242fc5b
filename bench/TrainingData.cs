using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Bench;

/// <summary>Data sets for training, by name. The detector comes without one: its scenes are made, the same each time, from the training images that the classifiers have.</summary>
internal static class TrainingData
{
    private const string Images = "fashion-mnist-train";
    private const string Made = "scenes-train";

    /// <summary>The file that a data set lies in or is made from.</summary>
    public static string Source(Assets assets, string name) => assets.Data(name == Made ? Images : name);

    /// <summary>The data set's file; it is made where it is not there yet, or by another build.</summary>
    public static string Find(Assets assets, string name)
    {
        if (name != Made) return assets.Data(name);
        var path = Repository.Results("data", name + ".npz");
        if (File.Exists(path) && File.GetLastWriteTimeUtc(path) > File.GetLastWriteTimeUtc(typeof(TrainingData).Assembly.Location)) return path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var images = Npz.Open(new DataRequest(assets.Data(Images), new SourceLocation(""), Preprocess.None, [], [], new SourceLocation(""))).Single(array => array.Name == "input").ReadAll();
        Scenes.Write(images, path + ".tmp");
        File.Move(path + ".tmp", path, overwrite: true);
        return path;
    }
}
