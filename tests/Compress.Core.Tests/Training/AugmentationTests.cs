using Compress.Policy;
using Compress.Graph;
using Compress.Testing;
using Compress.Training;

namespace Compress.Core.Tests.Training;

[TestClass]
public sealed class AugmentationTests
{
    private static readonly Tensor Images = new ModelBuilder(4).Random(1, 50, 2, 6, 5);

    [TestMethod]
    public void Flipping_gives_each_image_or_its_mirror_image()
    {
        var changed = new Augmentation(Flip: true, Shift: 0, Cutout: 0).Apply(Images, new Random(1)).Floats();

        var flipped = 0;
        for (var n = 0; n < 50; n++)
        {
            var (before, after) = (Image(Images.Floats(), n), Image(changed, n));
            var mirror = before.Chunk(5).SelectMany(row => row.Reverse()).ToArray();
            if (after.SequenceEqual(mirror)) flipped++;
            else CollectionAssert.AreEqual(before, after);
        }
        Assert.IsTrue(flipped is > 10 and < 40, $"{flipped}");
    }

    [TestMethod]
    public void Shifting_moves_rows_and_columns_together_and_repeats_the_border()
    {
        var changed = new Augmentation(Flip: false, Shift: 0.34, Cutout: 0).Apply(Images, new Random(1)).Floats();

        for (var n = 0; n < 50; n++)
        {
            var (before, after) = (Image(Images.Floats(), n), Image(changed, n));
            var found = from down in Enumerable.Range(-2, 5)
                        from right in Enumerable.Range(-2, 5)
                        where Enumerable.Range(0, 60).All(i => after[i] == before[(i / 30 * 30) + (Math.Clamp((i % 30 / 5) + down, 0, 5) * 5) + Math.Clamp((i % 5) + right, 0, 4)])
                        select (down, right);
            Assert.AreEqual(1, found.Count());
        }
    }

    [TestMethod]
    public void Cutout_blanks_a_square_in_all_channels()
    {
        var changed = new Augmentation(Flip: false, Shift: 0, Cutout: 0.4).Apply(Images, new Random(1)).Floats();

        for (var n = 0; n < 50; n++)
        {
            var (before, after) = (Image(Images.Floats(), n), Image(changed, n));
            var blank = Enumerable.Range(0, 60).Where(i => before[i] != after[i]).ToArray();
            Assert.IsTrue(blank.Length is > 0 and <= 8);
            CollectionAssert.AreEqual(blank.Where(i => i < 30).Select(i => i + 30).ToArray(), blank.Where(i => i >= 30).ToArray());
        }
    }

    [TestMethod]
    public void Channels_may_be_the_last_axis()
    {
        var augmentation = new Augmentation(Flip: true, Shift: 0.2, Cutout: 0.4);
        var last = Last(Images);

        // The mean that a square is blanked with is of a channel here and of all of them there.
        foreach (var own in (Augmentation[])[augmentation with { Cutout = 0 }, augmentation with { Flip = false, Shift = 0 }])
        {
            var (first, changed) = (own.Apply(Images, new Random(1)), (own with { ChannelsLast = true }).Apply(last, new Random(1)));
            CollectionAssert.AreEqual(new long[] { 50, 6, 5, 2 }, changed.Dims);
            var moved = Last(first).Floats().Zip(last.Floats(), (a, b) => a != b);
            if (own.Cutout > 0) CollectionAssert.AreEqual(moved.ToArray(), changed.Floats().Zip(last.Floats(), (a, b) => a != b).ToArray());
            else CollectionAssert.AreEqual(Last(first).Floats(), changed.Floats());
        }
    }

    private static Tensor Last(Tensor images) =>
        Tensor.Of([.. Enumerable.Range(0, 50 * 60).Select(i => images.Floats()[(i / 60 * 60) + (i % 2 * 30) + (i % 60 / 2)])], 50, 6, 5, 2);

    [TestMethod]
    public void What_is_no_image_is_left_alone()
    {
        var rows = new ModelBuilder().Random(1, 4, 3);
        Assert.AreSame(rows, new Augmentation(true, 0.5, 0.5).Apply(rows, new Random(1)));
    }

    [TestMethod]
    public void The_rate_rises_then_falls_as_a_cosine_or_in_steps()
    {
        var settings = new TrainingSettings { Rate = 2 };

        Assert.AreEqual(0, settings.RateAt(0));
        Assert.AreEqual(1, settings.RateAt(0.5), 1e-9);
        Assert.AreEqual(0, settings.RateAt(1), 1e-9);
        CollectionAssert.AreEqual(new[] { 2, 0.2, 0.02 }, (settings with { Schedule = RateSchedule.Step }) is var steps ? new[] { steps.RateAt(0.4), steps.RateAt(0.6), steps.RateAt(0.8) } : []);
    }

    private static float[] Image(float[] values, int n) => values[(n * 60)..((n + 1) * 60)];
}
