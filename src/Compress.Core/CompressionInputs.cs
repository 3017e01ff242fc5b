using Compress.Data;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Evaluate;
using Compress.Graph;
using Compress.Policy;

namespace Compress;

/// <summary>All that a compression is made from, read and fingerprinted; ONNX Runtime has not been touched yet.</summary>
/// <param name="Fingerprints">What tells whether an earlier result still holds.</param>
/// <param name="Files">Model, external data, samples, runtime: all that the result depends on besides the policy.</param>
internal sealed record CompressionInputs(OnnxModel Model, IDataset? Calibration, IDataset? Validation, LockInputs Fingerprints, IReadOnlyList<string> Files)
{
    /// <summary>The targets that models can be written for.</summary>
    private static readonly Target[] Available = [Target.OnnxRuntime, Target.OnnxRuntimePlain, Target.WeightOnly];

    /// <exception cref="CompressionException">CMP5010, CMP5013, or what reading the model and opening the data can raise.</exception>
    public static CompressionInputs Read(CompressionRequest request)
    {
        var policy = request.Policy;
        RefuseWhatIsMissing(policy);
        var model = OnnxReader.Read(policy.Model.Value);
        var inputs = ModelInput.Of(model.Graph);
        var calibration = policy.Calibration is { } c ? DatasetReader.Open(c.Data, c.Preprocess, inputs, []) : null;
        var validation = Evaluate.Validation.Open(policy, model);
        (string Role, IReadOnlyList<string> Files)[] roles =
        [
            ("model", model.Files),
            ("calibration data", calibration?.Files ?? []),
            ("validation data", validation?.Files ?? []),
            ("runtime", policy.Runtime is { } runtime ? [runtime.Value] : []),
        ];
        var files = roles.Where(role => role.Files.Count > 0).ToDictionary(role => role.Role, role => Fingerprint.OfFiles(role.Files), StringComparer.Ordinal);
        var folder = Path.GetDirectoryName(Path.GetFullPath(request.PolicyFile ?? request.LockFile ?? policy.Model.Value))!;
        return new CompressionInputs(model, calibration, validation, new LockInputs(LockFile.Tool, CanonicalPolicy.Of(policy, folder), files), [.. roles.SelectMany(role => role.Files)]);
    }

    /// <summary>The policy's language is wider than this version: what can't be done is said, never left out in silence.</summary>
    private static void RefuseWhatIsMissing(ModelPolicy policy)
    {
        if (!Available.Contains(policy.Target)) throw Codes.TargetNotAvailable(policy.Where("target"), PolicyKeys.Targets.Word(policy.Target), Available.Select(PolicyKeys.Targets.Word)).Error();
        if (policy.Train is not null) throw Codes.TrainingNotAvailable(policy.Where("train")).Error();
    }
}
