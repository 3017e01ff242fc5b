using Compress.Data.Images;

namespace Compress.Core.Tests.Data.Images;

[TestClass]
public sealed class DamagedImageTests
{
    private static readonly string[] Pictures = [.. Directory.GetFiles(Datasets.Asset("images")).Where(ImageReader.IsImage).Order(StringComparer.Ordinal)];

    [TestMethod]
    public void Any_damage_gives_pixels_or_a_reason_and_never_a_crash()
    {
        const int Seed = 5;
        Console.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var refused = 0;
        for (var round = 0; round < 1500; round++)
        {
            var bytes = File.ReadAllBytes(Pictures[round % Pictures.Length]);
            for (var hits = random.Next(1, 8); hits > 0; hits--) bytes[random.Next(2, bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                var image = PngReader.Fits(bytes) ? PngReader.Read(bytes) : new JpegReader(bytes).Read();
                Assert.HasCount(image.Width * image.Height * image.Channels, image.Pixels);
            }
            catch (InvalidDataException e)
            {
                Assert.IsNotEmpty(e.Message);
                refused++;
            }
        }
        Assert.IsGreaterThan(500, refused);
    }

    [TestMethod]
    public void A_header_that_asks_for_all_memory_gets_none()
    {
        var jpeg = File.ReadAllBytes(Datasets.Asset("images", "gray.jpg"));
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        jpeg.AsSpan(frame + 5, 4).Fill(0xFF);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.ThrowsExactly<InvalidDataException>(() => new JpegReader(jpeg).Read());
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
