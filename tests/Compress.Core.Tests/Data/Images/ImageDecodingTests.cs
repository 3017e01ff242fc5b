using Compress.Core.Tests.Emit;
using Compress.Data;
using Compress.Data.Images;
using Compress.Graph;

namespace Compress.Core.Tests.Data.Images;

/// <summary>The pixels in expected.npz were decoded by libpng and libjpeg-turbo.</summary>
[TestClass]
public sealed class ImageDecodingTests
{
    private static readonly string Folder = Datasets.Asset("images");

    public static IEnumerable<object[]> Pictures => Directory.GetFiles(Folder).Where(ImageReader.IsImage).Select(file => (object[])[Path.GetFileName(file)]);

    [TestMethod]
    public void The_size_is_found_behind_a_long_header_too()
    {
        using var folder = new TemporaryFolder();
        var (file, plain) = (Path.Combine(folder.Path, "long.jpg"), Datasets.Asset("images", "gray.jpg"));
        var jpeg = File.ReadAllBytes(plain);
        byte[] comment = [0xFF, 0xFE, 0xFF, 0x00, .. new byte[0xFF00 - 2]];
        File.WriteAllBytes(file, [.. jpeg[..2], .. comment, .. comment, .. jpeg[2..]]);

        Assert.AreEqual(ImageReader.Size(plain), ImageReader.Size(file));
    }

    [TestMethod]
    [DynamicData(nameof(Pictures))]
    public void Every_kind_of_picture_has_the_pixels_that_other_decoders_see(string name)
    {
        var image = ImageReader.Read(Path.Combine(Folder, name));

        var expected = Expected(name);
        CollectionAssert.AreEqual(expected.Dims, new long[] { image.Height, image.Width, image.Channels });
        var differences = image.Pixels.Select((pixel, i) => Math.Abs(pixel - expected.Raw[i])).ToList();
        // PNG is exact. JPEG decoders round in their own ways, at subsampled colours in several places.
        var (largest, mean) = name.EndsWith(".png", StringComparison.Ordinal) ? (0, 0) : (3, 0.4);
        Assert.IsLessThanOrEqualTo(largest, differences.Max());
        Assert.IsLessThanOrEqualTo(mean, differences.Average());
        Assert.AreEqual((image.Width, image.Height), ImageReader.Size(Path.Combine(Folder, name)));
    }

    private static Tensor Expected(string name)
    {
        var arrays = Npz.Open(new(Path.Combine(Folder, "expected.npz"), new(""), Compress.Policy.Preprocess.None, [], [], new("")));
        return arrays.Single(array => array.Name == name).ReadAll();
    }
}
