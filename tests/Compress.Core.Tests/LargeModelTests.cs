using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;

namespace Compress.Core.Tests;

/// <summary>A float model that one message can't hold is loaded from files with external data. The bound is lowered here: 2 GB would take minutes.</summary>
[TestClass, DoNotParallelize]
public sealed class LargeModelTests
{
    [TestMethod]
    [DataRow(SmallJob.Bits)]
    [DataRow("target: weight-only")]
    public void It_is_compressed_as_any_other_and_its_files_are_taken_away(string how)
    {
        using var job = External(how);
        Assert.IsTrue(job.Run().Passed, job.Heard.Codes);
        var expected = job.Bytes("out/net.onnx");
        var before = Temporary();

        File.Delete(job.LockFile);
        var usual = LoadableModel.MostInMemory;
        LoadableModel.MostInMemory = 2000;
        try
        {
            Assert.IsTrue(LoadableModel.IsLarge(OnnxReader.Read(job.Model)));
            Assert.IsTrue(job.Run().Passed, job.Heard.Codes);
        }
        finally
        {
            LoadableModel.MostInMemory = usual;
        }

        CollectionAssert.AreEqual(expected, job.Bytes("out/net.onnx"));
        CollectionAssert.IsSubsetOf(Temporary(), before);
    }

    private static SmallJob External(string how)
    {
        var job = new SmallJob(SmallJob.Samples, SmallJob.Gate, how);
        OnnxWriter.Write(new ModelBuilder().Input("input", -1, 1, 8, 8).Conv(4, 3).Relu().Conv(64, 3).Relu().GlobalPool().Flatten().Dense(3).Build(), job.Model, external: true);
        return job;
    }

    private static string[] Temporary() => Directory.GetDirectories(Path.GetTempPath(), "compress-*");
}
