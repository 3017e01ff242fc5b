using Compress.Graph;
using Compress.Runtime;
using Onnx;

namespace Compress.Analysis;

/// <summary>AᵀB of single-precision matrices by ONNX Runtime's own kernel, the fastest that is at hand; callers add up blocks in double.</summary>
internal sealed class GramKernel(int threads) : IDisposable
{
    private readonly Session session = new(Model(), new SessionSettings(threads));

    /// <summary>A [rows, p] and B [rows, q], row-major, to [p, q].</summary>
    public float[] TransposedTimes(float[] a, float[] b, int rows, int p, int q)
    {
        var feed = new Dictionary<string, Tensor> { ["a"] = Tensor.Of(a, rows, p), ["b"] = Tensor.Of(b, rows, q) };
        return session.Run(feed)["c"].Floats();
    }

    public void Dispose() => session.Dispose();

    private static OnnxModel Model()
    {
        var graph = new OnnxGraph();
        foreach (var name in new[] { "a", "b" }) graph.Inputs.Add(new ValueInfoProto { Name = name, Type = new() { TensorType = new() { ElemType = 1 } } });
        graph.Outputs.Add(new ValueInfoProto { Name = "c", Type = new() { TensorType = new() { ElemType = 1 } } });
        graph.Nodes.Add(new Node("Gemm", ["a", "b"], ["c"]).Set("transA", 1));
        var header = new ModelProto { IrVersion = 8 };
        header.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        return new OnnxModel { Graph = graph, Header = header };
    }
}
