using Compress.Data;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Evaluate;

/// <summary>The data that a policy's gate is measured on.</summary>
public static class Validation
{
    /// <summary>Null when the policy names none. Preprocessing that the gate does not set is the calibration's.</summary>
    /// <exception cref="CompressionException">CMP3001 to CMP3028, CMP7006 when the model lacks the output that the metric looks at.</exception>
    public static IDataset? Open(ModelPolicy policy, OnnxModel model)
    {
        if (policy.Accuracy is not { Data: { } data } accuracy) return null;
        var outputs = model.Graph.Outputs.Select(output => output.Name).ToList();
        if (accuracy.Output is { } output && !outputs.Contains(output)) throw Codes.OutputMissing(policy.Where("accuracy.output"), output, outputs, Nearest.Question(output, outputs)).Error();
        var preprocess = accuracy.Preprocess ?? policy.Calibration?.Preprocess ?? Preprocess.None;
        return DatasetReader.Open(data, preprocess, ModelInput.Of(model.Graph), Evaluator.Arrays(accuracy), policy.Where("accuracy.labels"));
    }
}
