using System.Runtime.InteropServices;
using Compress.Data.Images;
using Compress.Diagnostics;
using Compress.Graph;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Data;

/// <summary>
/// A folder of PNG and JPEG images: one folder a class (the classes in ordinal order of the names, their numbers the array `labels`), or all in one
/// without labels. One image of each class follows the other, so that the first samples are of all classes. Images become gray, RGB or RGBA as the model has 1, 3 or 4 channels, and are resized to the size that the policy or the input says.
/// </summary>
internal static class ImageFolder
{
    public static IReadOnlyList<SampleArray> Open(DataRequest request)
    {
        var direct = Images(request.Path);
        var classes = SampleFolder.Within(request.Path).Select(folder => (Folder: folder, Files: Images(folder))).Where(found => found.Files.Length > 0).ToList();
        if (direct.Length > 0 && classes.Count > 0)
            throw Codes.ImagesInsideAndOutside(request.At, request.Path, Path.GetFileName(direct[0]), Path.GetFileName(classes[0].Folder)).Error();
        var inTurn = classes.Index().SelectMany(found => found.Item.Files.Index().Select(file => (Turn: file.Index, Class: (long)found.Index, File: file.Item))).OrderBy(image => (image.Turn, image.Class)).ToList();
        string[] files = [.. direct, .. inTurn.Select(image => image.File)];
        if (files.Length == 0) return [];
        var wanted = ImageInput.Of(request);
        var images = new ImageArray(request.Path, files, wanted.Channels, wanted.Size ?? CommonSize(files));
        return direct.Length > 0 ? [images] : [images, new LabelArray(request.Path, [.. inTurn.Select(image => image.Class)])];
    }

    private static string[] Images(string folder) => [.. SampleFolder.Files(folder, "*").Where(ImageReader.IsImage)];

    /// <summary>The size that all images have; null when they differ: then the model, which takes any size, gets each in its own.</summary>
    private static (int, int)? CommonSize(string[] files)
    {
        (int Width, int Height)? common = null;
        foreach (var file in files)
        {
            var size = ImageReader.Size(file);
            if (common is not null && common != size) return null;
            common = size;
        }
        return common is var (width, height) ? (height, width) : null;
    }

    /// <summary>uint8 [images, height, width, channel]; decoded when it is read.</summary>
    private sealed class ImageArray(string folder, string[] files, int channels, (int Height, int Width)? size)
        : SampleArray("images", folder, DataType.Uint8, [files.Length, size?.Height ?? -1, size?.Width ?? -1, channels])
    {
        public override ArrayForm Form => ArrayForm.Images;

        public override IEnumerable<string> Files => files;

        public override IRowReader Open(long row) => new RowReader(rows => Stack([.. Enumerable.Range(0, rows).Select(_ => Load(files[row++]))], rows));

        /// <summary>One image, [1, height, width, channel], back in bytes after resizing: so do the libraries that models are trained with.</summary>
        private Tensor Load(string file)
        {
            var image = ImageReader.Read(file).ToChannels(channels);
            var tensor = Tensor.Of(image.Pixels, 1, image.Height, image.Width, channels);
            if (size is not var (height, width) || (image.Height == height && image.Width == width)) return tensor;
            return Tensor.Of(Array.ConvertAll(Bilinear.Resize(tensor, height, width, channelsLast: true).Floats(), value => (byte)value), 1, height, width, channels);
        }
    }

    private sealed class LabelArray(string folder, long[] labels) : SampleArray("labels", folder, DataType.Int64, [labels.Length])
    {
        public override IEnumerable<string> Files => [];

        public override IRowReader Open(long row) => new RowReader(rows =>
        {
            var start = (int)row;
            row += rows;
            return new Tensor(Type, [rows], MemoryMarshal.AsBytes(labels.AsSpan(start, rows)).ToArray());
        });
    }
}
