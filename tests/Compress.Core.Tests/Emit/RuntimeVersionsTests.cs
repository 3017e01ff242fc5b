using Compress.Diagnostics;
using Compress.Emit;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Emit;

/// <summary>A model that the application's ONNX Runtime would refuse stops the build, with the version that it needs.</summary>
[TestClass]
public sealed class RuntimeVersionsTests
{
    [TestMethod]
    [DataRow(18, 8, "1.14.1", null)]
    [DataRow(18, 8, "1.13.1", "1.14")]
    [DataRow(18, 8, "1.8.0", "1.14")]
    [DataRow(21, 10, "1.17.3", "1.18")]
    [DataRow(21, 10, "[1.18.0]", null)]
    [DataRow(18, 10, "1.16.0", "1.18")]
    [DataRow(23, 11, "1.20.1", "1.21")]
    [DataRow(23, 11, "1.22.0", null, DisplayName = "versions that are not in the table are not judged")]
    [DataRow(21, 10, "1.*", null)]
    [DataRow(21, 10, "", null)]
    [DataRow(21, 10, "1.22.0;1.16.3", "1.18")]
    public void Opset_and_ir_version_are_held_against_the_reference(int opset, int ir, string referenced, string? needed)
    {
        var model = new ModelBuilder(opset: opset).Input("x", 1, 4).Relu().Output().Build();
        model.Header.IrVersion = ir;
        var found = RuntimeVersions.Check(OnnxWriter.ToBytes(model), referenced, new SourceLocation("compress.yaml", 3, 12));
        Assert.AreEqual(needed is null, found is null, found?.Message);
        if (needed is not null) StringAssert.Contains(found!.Message, $"Reference {needed} or newer");
    }

    [TestMethod]
    [DataRow("com.microsoft", null, "1.17", DisplayName = "4 bits where none are named")]
    [DataRow("com.microsoft", 2, null, DisplayName = "nothing is known of other bits")]
    [DataRow("com.example", 8, null, DisplayName = "an operator of someone else")]
    public void Packed_products_that_the_source_model_has_are_judged_too(string domain, int? bits, string? needed)
    {
        var builder = new ModelBuilder(opset: 17).Input("x", 1, 4);
        builder.Op("MatMulNBits", ["x"], node => node.Domain = domain);
        if (bits is { } named) builder.Graph.Nodes[0].Set("bits", named);
        var model = builder.Output().Build();
        model.Header.IrVersion = 8;
        var found = RuntimeVersions.Check(OnnxWriter.ToBytes(model), "1.16.3", new SourceLocation("compress.yaml"));
        Assert.AreEqual(needed is null ? null : "CMP8008", found?.Code, found?.Message);
        if (needed is not null) StringAssert.Contains(found!.Message, $"Reference {needed} or newer");
    }

    [TestMethod]
    public void The_build_fails_at_the_models_line()
    {
        using var job = new SmallJob(SmallJob.Samples, SmallJob.Bits);
        var request = new CompressionRequest { Policy = Compress.Policy.PolicyReader.Read(job["compress.yaml"]).Models[0], Output = job.Output, ReferencedRuntime = "1.12.0" };
        var error = Assert.ThrowsExactly<CompressionException>(() => Compressor.Run(request)).Diagnostic;
        Assert.AreEqual(("CMP8007", 3), (error.Code, error.Location!.Line));
        Assert.IsFalse(File.Exists(job.Output));
    }
}
