using Compress.Data;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Evaluate;

/// <summary>The data that a policy's gate is measured on.</summary>
public static class Validation
{
    /// <summary>Null when the policy names none. Preprocessing that the gate does not set is the calibration's.</summary>
    /// <exception cref="Diagnostics.CompressionException">CMP3001 to CMP3027.</exception>
    public static IDataset? Open(ModelPolicy policy, OnnxModel model)
    {
        if (policy.Accuracy is not { Data: { } data } accuracy) return null;
        var preprocess = accuracy.Preprocess ?? policy.Calibration?.Preprocess ?? Preprocess.None;
        return DatasetReader.Open(data, preprocess, ModelInput.Of(model.Graph), Evaluator.Arrays(accuracy));
    }
}
