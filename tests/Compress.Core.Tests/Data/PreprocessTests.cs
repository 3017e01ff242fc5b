using Compress.Core.Tests.Emit;
using Compress.Data;
using Compress.Graph;
using Compress.Policy;
using Compress.Runtime;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Data;

[TestClass]
public sealed class PreprocessTests
{
    private static readonly Preprocess Steps = new() { Scale = 1 / 255f, Mean = [0.485f, 0.456f, 0.406f], Std = [0.229f, 0.224f, 0.225f] };

    [TestMethod]
    public void Numbers_are_scaled_shifted_and_divided_channel_by_channel()
    {
        using var folder = new TemporaryFolder();
        var pixels = Pixels(4, 3, 5, 6);

        var found = folder.Npz([("x", pixels)], [Datasets.Float("x", -1, 3, -1, -1)], Steps).All().Single().Inputs["x"].Floats();

        for (var i = 0; i < found.Length; i++)
        {
            var channel = i / 30 % 3;
            Assert.AreEqual((pixels.Raw[i] / 255.0 - Steps.Mean[channel]) / Steps.Std[channel], found[i], 1e-5);
        }
    }

    [TestMethod]
    public void Channels_last_become_channels_first_when_the_policy_says_so()
    {
        using var folder = new TemporaryFolder();
        var pixels = Pixels(4, 5, 6, 3);
        var first = folder.Npz([("x", pixels)], [Datasets.Float("x", -1, 3, 5, 6)], Steps with { Layout = Layout.Nchw }).All().Single().Inputs["x"];

        CollectionAssert.AreEqual(new long[] { 4, 3, 5, 6 }, first.Dims);
        for (var n = 0; n < 4; n++)
            for (var c = 0; c < 3; c++)
                for (var p = 0; p < 30; p++)
                    Assert.AreEqual((pixels.Raw[(n * 30 + p) * 3 + c] / 255.0 - Steps.Mean[c]) / Steps.Std[c], first.Floats()[(n * 3 + c) * 30 + p], 1e-5);
    }

    [TestMethod]
    public void Channels_first_and_last_are_the_same_numbers_for_every_element_type()
    {
        using var folder = new TemporaryFolder();
        foreach (var type in ElementTypes.All.Where(type => type.Type != DataType.Bool))
        {
            var values = ElementCast.To(type.Type, Datasets.Counting(2, 3, 4, 3), (_, _) => new InvalidOperationException());
            var input = new ModelInput("x", type.Type, [-1, 3, 3, 4]);
            var moved = folder.Npz([("x", values)], [input], new Preprocess { Layout = Layout.Nchw }).All().Single().Inputs["x"];
            Assert.AreEqual(type.Type, moved.Type);
            var back = folder.Npz([("x", moved)], [input with { Dims = [-1, 3, 4, 3] }], new Preprocess { Layout = Layout.Nhwc }).All().Single().Inputs["x"];
            CollectionAssert.AreEqual(values.Floats(), back.Floats());
            CollectionAssert.AreNotEqual(values.Floats(), moved.Floats());
        }
    }

    [TestMethod]
    public void Data_that_have_the_models_layout_already_stay_as_they_are()
    {
        using var folder = new TemporaryFolder();
        foreach (var (dims, layout) in ((long[], Layout)[])[([4, 3, 5, 6], Layout.Nchw), ([4, 5, 6, 3], Layout.Nhwc)])
        {
            var pixels = Pixels(dims);
            var found = folder.Npz([("x", pixels)], [Datasets.Float("x", [-1, .. dims[1..]])], new Preprocess { Layout = layout }).All().Single().Inputs["x"];
            CollectionAssert.AreEqual(pixels.Floats(), found.Floats());
        }
    }

    [TestMethod]
    public void Means_go_along_the_last_axis_of_a_model_with_channels_last()
    {
        using var folder = new TemporaryFolder();
        var found = folder.Npz([("x", Pixels(2, 3, 3, 3))], [Datasets.Float("x", -1, 3, 3, 3)], new Preprocess { Scale = 0, Mean = [1, 2, 3], Layout = Layout.Nhwc }).All().Single().Inputs["x"].Floats();

        CollectionAssert.AreEqual(new float[] { -1, -2, -3, -1, -2, -3 }, found[..6]);
    }

    [TestMethod]
    [DataRow(5, 7, 11, 4)]
    [DataRow(8, 8, 16, 16)]
    [DataRow(9, 6, 1, 1)]
    [DataRow(1, 1, 3, 2)]
    [DataRow(30, 20, 7, 13)]
    public void Pictures_are_resized_as_ONNX_Runtime_does(int height, int width, int newHeight, int newWidth)
    {
        using var folder = new TemporaryFolder();
        var pixels = Datasets.Counting(2, 3, height, width);
        var values = Tensor.Of([.. pixels.Floats().Select(x => MathF.Sin(x * x))], pixels.Dims);

        var found = folder.Npz([("x", values)], [Datasets.Float("x", -1, 3, -1, -1)], new Preprocess { Resize = (newHeight, newWidth) }).All().Single().Inputs["x"];

        var expected = OnnxResize(values, newHeight, newWidth);
        CollectionAssert.AreEqual(expected.Dims, found.Dims);
        for (var i = 0; i < found.Count; i++) Assert.AreEqual(expected.Floats()[i], found.Floats()[i], 1e-5f);
    }

    [TestMethod]
    public void Resizing_comes_before_the_channels_move()
    {
        using var folder = new TemporaryFolder();
        var pixels = Pixels(2, 5, 6, 3);
        IReadOnlyList<Batch> Read(Preprocess steps, params long[] input) => folder.Npz([("x", pixels)], [Datasets.Float("x", input)], steps).All();

        var both = Read(new() { Layout = Layout.Nchw, Resize = (7, 4) }, -1, 3, 7, 4)[0].Inputs["x"];

        var moved = Read(new() { Layout = Layout.Nchw }, -1, 3, 5, 6)[0].Inputs["x"];
        var expected = OnnxResize(moved, 7, 4).Floats();
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], both.Floats()[i], 0.5001f, "bytes are rounded");
        Assert.IsTrue(both.Floats().All(float.IsInteger));
    }

    [TestMethod]
    public void Integer_inputs_and_those_the_policy_leaves_out_are_passed_on()
    {
        using var folder = new TemporaryFolder();
        var ids = Tensor.Of(new long[] { 1, 2, 3, 4 }, 2, 2);
        var data = folder.Npz([("ids", ids), ("a", Datasets.Counting(2, 2)), ("b", Datasets.Counting(2, 2))],
            [new("ids", DataType.Int32, [-1, 2]), Datasets.Float("a", -1, 2), Datasets.Float("b", -1, 2)], new Preprocess { Scale = 10, Inputs = ["b"] });

        var inputs = data.All().Single().Inputs;

        Assert.AreEqual(DataType.Int32, inputs["ids"].Type);
        CollectionAssert.AreEqual(ids.Integers(), inputs["ids"].Integers());
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3 }, inputs["a"].Floats());
        CollectionAssert.AreEqual(new float[] { 0, 10, 20, 30 }, inputs["b"].Floats());
    }

    [TestMethod]
    [DataRow(DataType.Float16)]
    [DataRow(DataType.Bfloat16)]
    [DataRow(DataType.Double)]
    public void Inputs_of_other_float_types_get_their_own_type(DataType type)
    {
        using var folder = new TemporaryFolder();
        var found = folder.Npz([("x", Pixels(2, 4))], [new("x", type, [-1, 4])], new Preprocess { Scale = 0.5f }).All().Single().Inputs["x"];

        Assert.AreEqual(type, found.Type);
        CollectionAssert.AreEqual(Pixels(2, 4).Floats().Select(x => x / 2).ToArray(), found.Floats());
    }

    [TestMethod]
    public void Pixels_below_0_keep_their_sign()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.npy"], [.. NpzWriter.NpyHeader("<i2", [1, 2]), .. BitConverter.GetBytes((short)-51), .. BitConverter.GetBytes((short)306)]);

        var found = Datasets.Open(folder["x.npy"], [Datasets.Float("x", -1, 2)], new Preprocess { Scale = 1 / 255f }).All().Single().Inputs["x"].Floats();

        Assert.AreEqual(-0.2f, found[0], 1e-6f);
        Assert.AreEqual(1.2f, found[1], 1e-6f);
    }

    private static Tensor Pixels(params long[] dims) => Tensor.Of([.. Enumerable.Range(0, (int)Tensor.ElementCount(dims)).Select(i => (byte)(i * 37))], dims);

    private static Tensor OnnxResize(Tensor values, int height, int width)
    {
        var builder = new ModelBuilder().Input("x", [.. values.Dims]);
        builder.Op("Resize", ["x", "", "", builder.Constant(Tensor.List([values.Dims[0], values.Dims[1], height, width]))], node => node.Set("mode", "linear").Set("coordinate_transformation_mode", "half_pixel"));
        using var session = new Session(builder.Build(), new SessionSettings());
        return session.Run(new Dictionary<string, Tensor> { ["x"] = values })[builder.Last];
    }
}
