using Compress.Graph;
using Compress.Runtime;
using Compress.Testing.Networks;

namespace Compress.Core.Tests;

/// <summary>The architectures that the benchmarks compress: they run, are well-conditioned, and tell their samples apart.</summary>
[TestClass]
public sealed class NetworksTests
{
    private const int Samples = 8;

    public static IEnumerable<object[]> Names => Network.All.Keys.Select(name => new object[] { name });

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Outputs_are_well_conditioned_and_differ_from_sample_to_sample(string name)
    {
        var network = Network.All[name]();
        using var session = new Session(network.Model, new SessionSettings());
        var output = session.Run(network.Data(7, Samples)).Values.First();
        var (values, length) = (output.Floats(), (int)(output.Count / Samples));
        var mean = Enumerable.Range(0, length).Select(i => Enumerable.Range(0, Samples).Average(n => (double)values[(n * length) + i])).ToArray();
        var spread = Math.Sqrt(values.Select((v, i) => (v - mean[i % length]) * (v - mean[i % length])).Average());
        var size = Math.Sqrt(values.Average(v => (double)v * v));
        TestContext.WriteLine($"{network.Model.Graph.Nodes.Count} nodes, {OnnxWriter.ToBytes(network.Model).Length / 1e6:0.0} MB, size {size:0.###}, spread {spread:0.###}");

        Assert.AreEqual(Samples, (int)output.Dims[0]);
        Assert.IsTrue(size is > 0.01 and < 100, $"{size}");
        Assert.IsTrue(spread > 0.05 * size, $"{spread} of {size}");
    }
}
