using Compress.Graph;
using Compress.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace Compress.Testing;

/// <summary>What ONNX Runtime makes of a model when it loads it: folded constants, fused nodes, integer kernels.</summary>
public static class OptimizedModel
{
    /// <summary>The optimized graph, without the layouts of one processor: the same on every machine.</summary>
    public static OnnxGraph Of(OnnxModel model)
    {
        var path = Path.Combine(TempRoot.Folder, $"optimized-{Guid.NewGuid():N}.onnx");
        try
        {
            NativeRuntime.UseAny();
            using var options = new SessionOptions
            {
                OptimizedModelFilePath = path,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
                IntraOpNumThreads = 1,
            };
            using (new InferenceSession(OnnxWriter.ToBytes(model), options)) { }
            return OnnxReader.Read(path).Graph;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Operator types and how often each occurs, in ordinal order: "Conv 2, Relu 1".</summary>
    public static string Census(OnnxGraph graph) =>
        string.Join(", ", graph.Nodes.GroupBy(node => node.Op, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Key} {group.Count()}"));
}
