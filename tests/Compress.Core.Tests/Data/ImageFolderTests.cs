using Compress.Core.Tests.Emit;
using Compress.Data;
using Compress.Policy;

namespace Compress.Core.Tests.Data;

[TestClass]
public sealed class ImageFolderTests
{
    private static readonly string Pictures = Datasets.Asset("images");

    [TestMethod]
    public void Folders_are_classes_in_the_order_of_their_names()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, ("dogs", "gray.png"), ("Cats", "gray.jpg"), ("Cats", "sampled-gray.jpg"), ("dogs", "4bit.png"), ("birds", "sampled-gray.jpg"));
        folder.Write("birds/Thumbs.db", "");

        var data = Datasets.Open(folder.Path, [Datasets.Float("x", -1, 1, 37, 45)], null, "labels");

        Assert.AreEqual(5, data.Count, "one of each class, then the next");
        CollectionAssert.AreEqual(new long[] { 0, 1, 2, 0, 2 }, data.All().Single().Extras["labels"].Integers());
        CollectionAssert.AreEqual(new[] { "Cats/gray.jpg", "Cats/sampled-gray.jpg", "birds/sampled-gray.jpg", "dogs/4bit.png", "dogs/gray.png" },
            data.Files.Select(file => Path.GetRelativePath(folder.Path, file).Replace('\\', '/')).ToArray());
    }

    [TestMethod]
    public void Hidden_folders_and_what_builds_write_into_a_project_are_no_classes()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, (".thumbnails", "gray.png"), ("bin", "gray.jpg"), ("dogs", "4bit.png"), ("obj", "sampled-gray.jpg"));
        Assert.AreEqual(3, Open().Count, "a bin may be a class");

        folder.Write("app.csproj", "");
        CollectionAssert.AreEqual(new long[] { 0 }, Open().All().Single().Extras["labels"].Integers());

        IDataset Open() => Datasets.Open(folder.Path, [Datasets.Float("x", -1, 1, 37, 45)], null, "labels");
    }

    [TestMethod]
    [DataRow(1, "baseline-444.jpg")]
    [DataRow(3, "gray.png")]
    [DataRow(3, "rgba.png")]
    [DataRow(4, "rgb.png")]
    public void Pictures_get_the_models_number_of_channels(int channels, string picture)
    {
        using var folder = new TemporaryFolder();
        Copy(folder, ("", picture));

        var x = Datasets.Open(folder.Path, [Datasets.Float("x", -1, channels, 37, 45)]).All().Single().Inputs["x"];

        CollectionAssert.AreEqual(new long[] { 1, channels, 37, 45 }, x.Dims);
        if (channels == 4) Assert.IsTrue(x.Floats()[^(37 * 45)..].All(alpha => alpha == 255));
    }

    [TestMethod]
    public void The_same_pixels_come_with_channels_first_and_last()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, ("", "rgb.png"));
        var first = Datasets.Open(folder.Path, [Datasets.Float("x", -1, 3, 37, 45)]).All().Single().Inputs["x"].Floats();
        var byShape = Datasets.Open(folder.Path, [Datasets.Float("x", -1, 37, 45, 3)]).All().Single().Inputs["x"].Floats();
        var byPolicy = Datasets.Open(folder.Path, [Datasets.Float("x", -1, -1, -1, -1)], new Preprocess { Layout = Layout.Nhwc }).All().Single().Inputs["x"].Floats();

        CollectionAssert.AreEqual(byShape, byPolicy);
        for (var pixel = 0; pixel < 37 * 45; pixel++)
            for (var channel = 0; channel < 3; channel++) Assert.AreEqual(byShape[pixel * 3 + channel], first[channel * 37 * 45 + pixel]);
    }

    [TestMethod]
    public void Pictures_are_resized_to_the_size_of_the_input_or_of_the_policy()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, ("", "rgb.png"), ("", "tiny-interlaced.png"));
        string Size(Preprocess steps, params long[] input) => string.Join(',', Datasets.Open(folder.Path, [Datasets.Float("x", input)], steps).All().Single().Inputs["x"].Dims);

        Assert.AreEqual("2,3,20,30", Size(Preprocess.None, -1, 3, 20, 30));
        Assert.AreEqual("2,3,8,9", Size(new() { Resize = (8, 9) }, -1, 3, -1, -1));
    }

    [TestMethod]
    public void A_model_for_any_size_gets_each_picture_in_its_own()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, ("", "rgb.png"), ("", "tiny-interlaced.png"));
        var data = Datasets.Open(folder.Path, [Datasets.Float("x", -1, 3, -1, -1)], new Preprocess { Mean = [1, 2, 3] });

        Assert.AreEqual(1, data.LargestBatch);
        Assert.AreEqual("1,3,37,45 1,3,1,3", string.Join(' ', data.All().Select(batch => string.Join(',', batch.Inputs["x"].Dims))));
    }

    [TestMethod]
    public void A_model_without_a_batch_axis_is_fed_picture_by_picture()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, ("", "rgb.png"), ("", "baseline-420.jpg"));

        Assert.AreEqual("3,37,45 3,37,45", string.Join(' ', Datasets.Open(folder.Path, [Datasets.Float("x", 3, 37, 45)]).All().Select(batch => string.Join(',', batch.Inputs["x"].Dims))));
    }

    private static void Copy(TemporaryFolder folder, params (string Class, string Picture)[] files)
    {
        foreach (var (name, picture) in files)
        {
            Directory.CreateDirectory(folder[name]);
            File.Copy(Path.Combine(Pictures, picture), Path.Combine(folder[name], picture));
        }
    }
}
