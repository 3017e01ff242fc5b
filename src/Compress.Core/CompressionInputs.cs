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
internal sealed record CompressionInputs(OnnxModel Model, IDataset? Calibration, IDataset? Validation, IDataset? Training, LockInputs Fingerprints, IReadOnlyList<string> Files)
{
    /// <exception cref="CompressionException">What reading the model and opening the data can raise.</exception>
    public static CompressionInputs Read(CompressionRequest request, CancellationToken cancellation)
    {
        var policy = request.Policy;
        var model = OnnxReader.Read(policy.Model.Value);
        var inputs = ModelInput.Of(model.Graph);
        var calibration = policy.Calibration is { } c ? DatasetReader.Open(c.Data, c.Preprocess, inputs, []) : null;
        var validation = Evaluate.Validation.Open(policy, model);
        var preprocess = Preprocess.Of(policy);
        var training = policy.Train is { } t ? DatasetReader.Open(t.Data, preprocess, inputs, t.Labels is { } labels ? [labels] : []) : null;
        (string Role, IReadOnlyList<string> Files)[] roles =
        [
            ("model", model.Files),
            ("calibration data", calibration?.Files ?? []),
            ("validation data", validation?.Files ?? []),
            ("training data", training?.Files ?? []),
            ("runtime", policy.Runtime is { } runtime ? [runtime.Value] : []),
        ];
        var files = roles.Where(role => role.Files.Count > 0).ToDictionary(role => role.Role, role => Fingerprint.OfFiles(role.Files, cancellation), StringComparer.Ordinal);
        return new CompressionInputs(model, calibration, validation, training, new LockInputs(LockFile.Tool, CanonicalPolicy.Of(policy, request.Folder), files), [.. roles.SelectMany(role => role.Files)]);
    }
}
