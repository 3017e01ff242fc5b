using Compress.Apply;
using Compress.Graph;
using Google.Protobuf;
using Onnx;

namespace Compress.Training;

/// <summary>What training made of the layers, as bytes to keep: an ONNX model of constants. The grids of activations are in the plan.</summary>
public static class TrainedWeights
{
    public static byte[] Write(IReadOnlyDictionary<string, LayerResult> layers)
    {
        var graph = new OnnxGraph { Name = "trained" };
        foreach (var (name, result) in layers)
        {
            graph.Constants[name + "/bias"] = Tensor.Of(result.Bias, result.Bias.Length);
            if (result.Weights is { } rounded)
            {
                graph.Constants[name + "/codes"] = Tensor.Of(rounded.Codes, rounded.Rows, rounded.Columns);
                graph.Constants[name + "/scales"] = Tensor.Of(rounded.Scales, rounded.Scales.Length);
            }
            else graph.Constants[name + "/weights"] = Tensor.Of(result.FloatWeights, result.FloatWeights.Length);
        }
        var header = new ModelProto { IrVersion = 10 };
        header.OpsetImport.Add(new OperatorSetIdProto { Version = 21 });
        return OnnxWriter.ToBytes(new OnnxModel { Graph = graph, Header = header });
    }

    /// <summary>The plan with the weights that were kept; null when these bytes are not of this plan.</summary>
    public static PreparedPlan? Read(byte[] bytes, PreparedPlan prepared)
    {
        try
        {
            var constants = Constants(bytes);
            return prepared with
            {
                Layers = prepared.Pruned.Layers.ToDictionary(layer => layer.Name, layer => Result(layer, prepared.Layers.GetValueOrDefault(layer.Name)?.Weights, prepared.Pruned.Model.Graph.Constants[layer.Weight], constants), StringComparer.Ordinal),
            };
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or KeyNotFoundException or ArgumentException or Diagnostics.CompressionException)
        {
            return null;
        }
    }

    private static Dictionary<string, Tensor> Constants(byte[] bytes) => OnnxReader.FromProto(ModelProto.Parser.ParseFrom(bytes)).Graph.Constants;

    private static LayerResult Result(Analysis.Layer layer, RoundedWeights? form, Tensor weight, Dictionary<string, Tensor> constants)
    {
        var bias = constants[layer.Name + "/bias"].Floats();
        if (form is null) return new LayerResult(null, constants[layer.Name + "/weights"].Floats(), bias, double.NaN);
        var codes = Array.ConvertAll(constants[layer.Name + "/codes"].Integers(), code => (sbyte)code);
        if (codes.Length != form.Codes.Length) throw new ArgumentException(layer.Name);
        var rounded = form with { Codes = codes, Scales = constants[layer.Name + "/scales"].Floats() };
        return new LayerResult(rounded, Analysis.WeightMatrix.ToTensorLayout(layer, weight.Dims, rounded.Dequantized()), bias, double.NaN);
    }
}
