using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Data;

/// <summary>
/// Opens calibration, validation and training data: npz, npy, IDX and IDX.gz, CSV, folders of PNG and JPEG images, ONNX test_data_set_* folders,
/// or a map from inputs to <c>file.npz:array</c>.
/// </summary>
public static class DatasetReader
{
    /// <param name="inputs">Every input of the model (<see cref="ModelInput.Of"/>).</param>
    /// <param name="extras">Arrays that are wanted besides the inputs: labels or targets. They are given as they are stored, axis 0 the samples.</param>
    /// <param name="extrasAt">Where the policy names them; null: where it names the data.</param>
    /// <exception cref="CompressionException">CMP3001 to CMP3028.</exception>
    public static IDataset Open(DataSource source, Preprocess preprocess, IReadOnlyList<ModelInput> inputs, IReadOnlyList<string> extras, SourceLocation? extrasAt = null)
    {
        var request = new DataRequest(source.Path ?? "", source.Location, preprocess, inputs, extras, extrasAt ?? source.Location);
        Check(request);
        var bound = source.Path is null ? ArrayBinding.ByMap(source.Inputs, request) : ArrayBinding.ByName(request);
        var pairs = bound.Inputs.Select(pair => (Input: Declared(pair.Input, pair.Array), pair.Array)).ToList();
        var fits = SampleAxis.Decide(pairs, request);
        return new SampleSet([.. pairs.Zip(fits, (pair, fit) => new InputFeed(pair.Input, pair.Array, fit, request))], bound.Extras, request);
    }

    /// <summary>An input without a declared shape takes the rank of its data.</summary>
    private static ModelInput Declared(ModelInput input, SampleArray array) => input.HasShape ? input : input with { Dims = [.. array.Dims.Select(_ => -1L)] };

    private static void Check(DataRequest request)
    {
        foreach (var input in request.Inputs)
            if (!ElementCast.IsSupported(input.Type)) throw Codes.InputTypeUnsupported(request.At, input.Name, input.Type.ToString().ToLowerInvariant()).Error();
        var floats = request.Inputs.Where(input => input.IsFloat).Select(input => input.Name).ToList();
        foreach (var name in request.Preprocess.Inputs)
            if (!floats.Contains(name)) throw Codes.PreprocessInputUnusable(request.At, name, floats.Count > 0 ? string.Join(", ", floats) : "none").Error();
    }
}
