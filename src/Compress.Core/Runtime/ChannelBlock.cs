using Compress.Diagnostics;
using Compress.Graph;
using Onnx;

namespace Compress.Runtime;

/// <summary>How many channels lie together in the layout of ONNX Runtime's direct convolutions: it depends on the processor.</summary>
public static class ChannelBlock
{
    /// <summary>Of the operators that work in it.</summary>
    public const string Domain = "com.microsoft.nchwc";

    private static readonly Lazy<int> Found = new(Find);

    /// <summary>8 or 16; 1 where there is no such layout. Loads ONNX Runtime.</summary>
    public static int Size => Found.Value;

    /// <summary>So many channels with those that fill the last block.</summary>
    public static long Padded(long channels, long block) => (channels + block - 1) / block * block;

    /// <summary>What four channels of one pixel become.</summary>
    private static int Find()
    {
        var graph = new OnnxGraph();
        graph.Inputs.Add(new ValueInfoProto { Name = "x", Type = new() { TensorType = new() { ElemType = 1 } } });
        graph.Outputs.Add(new ValueInfoProto { Name = "y" });
        graph.Nodes.Add(new Node("ReorderInput", ["x"], ["y"], domain: Domain));
        var model = new OnnxModel { Graph = graph, Header = new ModelProto { IrVersion = 8 } };
        model.Opset = 17;
        model.SetOpset(Domain, 1);
        try
        {
            using var session = new Session(model, new SessionSettings());
            return (int)session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(new float[4], 1, 4, 1, 1) })["y"].Dims[1];
        }
        catch (CompressionException)
        {
            return 1;
        }
    }
}
