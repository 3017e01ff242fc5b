using Compress.Core.Tests.Emit;
using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;
using Google.Protobuf;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests;

/// <summary>The forms that published models come in, each through the whole path: compressed, valid, with the interface that it came with.</summary>
[TestClass]
public sealed class PublishedFormsTests
{
    private const string NoPruning = "prune: none";

    public static IEnumerable<object[]> Names => PublishedForms.All.Keys.Select(form => new object[] { form });

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_published_form_is_compressed_and_computes_what_it_did(string form)
    {
        var (make, factor) = PublishedForms.All[form];
        using var job = new SmallJob(SmallJob.Samples, "accuracy: { data: validation.npy, metric: cosine, min: 0.98 }", "quantize: { weights: 8 }", NoPruning);
        File.WriteAllBytes(job.Model, make().ToByteArray());

        Assert.IsTrue(job.Run().Passed, $"{form}: {job.Heard.Codes}");

        var (original, written) = (OnnxReader.Read(job.Model), OnnxReader.Read(job.Output));
        TestContext.WriteLine($"{form}: ÷ {job.Report().Size.Factor}, {string.Join(", ", job.Report().Layers.Select(layer => $"{layer.Name} {layer.WeightBits}/{layer.ActivationBits} {layer.Reason}"))} {job.Heard.Codes}");
        Assert.AreEqual("", job.Heard.Codes, form);
        Assert.IsTrue(written.Graph.Inputs.SequenceEqual(original.Graph.Inputs), "inputs");
        Assert.IsTrue(written.Graph.Outputs.SequenceEqual(original.Graph.Outputs), "outputs");
        Assert.IsTrue(job.Report().Size.Factor >= factor, $"{form}: ÷ {job.Report().Size.Factor}");
        // The oracle: ONNX Runtime on both, without its optimizations.
        var feed = new Dictionary<string, Tensor> { [original.Graph.Inputs[0].Name] = Input(original, new ModelBuilder(seed: 77).Random(1, 4, 1, 8, 8)) };
        var (expected, actual) = (ModelComparison.Run(original, feed), ModelComparison.Run(written, feed));
        foreach (var (name, tensor) in expected)
        {
            CollectionAssert.AreEqual(tensor.Dims, actual[name].Dims, name);
            Assert.AreEqual(tensor.Type, actual[name].Type, name);
            if (!tensor.IsFloat) continue;
            var (size, error) = (tensor.Doubles().Sum(v => v * v), tensor.Doubles().Zip(actual[name].Doubles(), (a, b) => (a - b) * (a - b)).Sum());
            Assert.IsTrue(error < 0.04 * size, $"{form}: {name} is off by {Math.Sqrt(error / size):0.###}");
        }
        Assert.IsTrue(job.Run(locked: true).Passed, form);
    }

    [TestMethod]
    public void A_type_that_the_processor_has_no_kernels_for_is_passed_on()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Gate);
        File.WriteAllBytes(job.Model, PublishedForms.Typed(DataType.Bfloat16, PublishedForms.Network(opset: 22)).ToByteArray());

        Assert.IsTrue(job.Run().Passed);
        Assert.AreEqual("CMP5023", job.Heard.Codes);
        CollectionAssert.AreEqual(job.Bytes("net.onnx"), job.Bytes("out/net.onnx"));
    }

    [TestMethod]
    public void External_data_may_lie_beyond_two_gigabytes()
    {
        using var job = new SmallJob("quantize: { weights: 8 }");
        var model = OnnxReader.Read(job.Model);
        var proto = OnnxWriter.ToProto(model);
        const long Start = (2L << 30) + 4096;
        using (var data = new FileStream(job["far.data"], FileMode.CreateNew))
        {
            data.SetLength(Start); // sparse: takes no space
            data.Position = Start;
            foreach (var constant in proto.Graph.Initializer)
            {
                if (constant.RawData.Length < 64) continue;
                void Entry(string key, string value) => constant.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
                Entry("location", "far.data");
                Entry("offset", $"{data.Position}");
                Entry("length", $"{constant.RawData.Length}");
                constant.DataLocation = TensorProto.Types.DataLocation.External;
                data.Write(constant.RawData.Span);
                constant.ClearRawData();
            }
        }
        File.WriteAllBytes(job.Model, proto.ToByteArray());

        Assert.IsTrue(job.Run().Passed);
        Assert.IsTrue(job.Report().Size.Float > Start);
        Assert.IsTrue(new FileInfo(job.Output).Length < 20_000);
    }

    private static Tensor Input(OnnxModel model, Tensor values) => new Tensor((DataType)model.Graph.Inputs[0].Type.TensorType.ElemType, [0], []).WithFloats(values.Floats(), values.Dims);
}
