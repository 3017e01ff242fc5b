using Compress.Analysis;

namespace Compress.Core.Tests.Analysis;

/// <summary>Published networks have known costs; the same compressed network has a headline three times larger or smaller by convention.</summary>
[TestClass]
public sealed class CostsGoldenTests
{
    private static readonly int[] VggChannels = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512];
    private static readonly int[] VggKept = [64, 64, 13, 128, 256, 26, 256, 512, 52, 512, 512, 52, 52];
    private static readonly int[] VggBits = [32, 8, 6, 8, 6, 4, 6, 4, 2, 4, 4, 2, 2];
    private static readonly int[] VggSizes = [32, 32, 16, 16, 8, 8, 8, 4, 4, 4, 2, 2, 2];

    [TestMethod]
    public void Vgg16_for_cifar_has_313_million_macs_of_which_34_75_per_cent_are_kept()
    {
        Assert.AreEqual(313.197, Costs.Macs(Vgg(VggChannels).Take(13)) / 1e6, 5e-4);
        Assert.AreEqual(0.3475, Costs.Macs(Vgg(VggKept).Take(13)) / (double)Costs.Macs(Vgg(VggChannels).Take(13)), 5e-5);
    }

    [TestMethod]
    [DataRow(BopsConvention.PicPq, 1, 319.175, 4.176, 76.44, DisplayName = "as published: first convolution left out")]
    [DataRow(BopsConvention.PicPq, 0, 320.987, 5.988, 53.61, DisplayName = "first convolution counted")]
    [DataRow(BopsConvention.Product, 0, 320.987, 13.548, 23.69, DisplayName = "bits of the activation that is read")]
    public void The_compressed_vgg16_of_pic_pq_has_three_headlines(BopsConvention convention, int skip, double original, double compressed, double factor)
    {
        var before = Costs.Bops(Vgg(VggChannels).Skip(skip).Select(layer => (layer, LayerBits.Float)), convention);
        var after = Costs.Bops(Vgg(VggKept).Select((layer, i) => (layer, i < 13 ? new LayerBits(VggBits[i], i == 0 ? 32 : VggBits[i - 1], VggBits[i]) : LayerBits.Float)).Skip(skip), convention);

        Assert.AreEqual(original, before / 1e9, 5e-4);
        Assert.AreEqual(compressed, after / 1e9, 6e-4); // the published sums are of rounded terms
        Assert.AreEqual(factor, before / after, 5e-3);
    }

    [TestMethod]
    public void Resnet18_at_224_pixels_has_1814_million_macs_and_1858_giga_bops()
    {
        var layers = new List<LayerShape> { Conv(3, 64, 7, 112) };
        var channels = 64;
        foreach (var (width, size) in new[] { (64, 56), (128, 28), (256, 14), (512, 7) })
            for (var block = 0; block < 2; block++)
            {
                if (width != channels) layers.Add(Conv(channels, width, 1, size));
                layers.Add(Conv(channels, width, 3, size));
                layers.Add(Conv(width, width, 3, size));
                channels = width;
            }
        layers.Add(Dense(512, 1000));

        Assert.AreEqual(1.81407, Costs.Macs(layers) / 1e9, 5e-6);
        Assert.AreEqual(1857.61, Float(layers) / 1e9, 5e-3);
    }

    [TestMethod]
    public void Resnet56_for_cifar_has_125_million_macs_and_128_giga_bops()
    {
        var layers = new List<LayerShape> { Conv(3, 16, 3, 32) };
        var channels = 16;
        foreach (var (width, size) in new[] { (16, 32), (32, 16), (64, 8) })
            for (var block = 0; block < 9; block++)
            {
                layers.Add(Conv(channels, width, 3, size));
                layers.Add(Conv(width, width, 3, size));
                channels = width;
            }
        Assert.AreEqual(125.485, Costs.Macs(layers) / 1e6, 5e-4);

        layers.Add(Dense(64, 10));
        Assert.AreEqual(128.497, Float(layers) / 1e9, 5e-4);
    }

    [TestMethod]
    public void The_accumulator_aware_form_adds_both_widths_and_the_carries_of_the_sum() =>
        Assert.AreEqual(100.0 * (4 * 8 + 4 + 8 + 5), Costs.Bops(new LayerShape("", "Conv", 32, 1, 1, 1, 100), new(4, 8, 8), BopsConvention.AccumulatorAware) / 32, 1e-9);

    private static double Float(IEnumerable<LayerShape> layers) => Costs.Bops(layers.Select(layer => (layer, LayerBits.Float)));

    private static IEnumerable<LayerShape> Vgg(int[] channels) =>
        Enumerable.Range(0, 13).Select(i => Conv(i == 0 ? 3 : channels[i - 1], channels[i], 3, VggSizes[i])).Append(Dense(channels[^1], 512)).Append(Dense(512, 10));

    private static LayerShape Conv(long inChannels, long outChannels, long kernel, long size) => new("conv", "Conv", inChannels, outChannels, 1, kernel * kernel, size * size);

    private static LayerShape Dense(long inChannels, long outChannels) => new("dense", "Gemm", inChannels, outChannels, 1, 1, 1);
}
