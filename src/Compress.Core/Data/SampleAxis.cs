using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Data;

/// <summary>Where the samples of each array are, decided for all inputs together.</summary>
internal static class SampleAxis
{
    private const string OneRowASample = " Axis 0 counts the samples, or each row is a whole input.";

    /// <summary>
    /// An array with one axis more than its input gives one feed a row. An array with the input's rank counts samples on axis 0 – unless it has
    /// exactly the declared shape while another array has samples: then it is a constant. A single value for a scalar input is one, too.
    /// </summary>
    /// <exception cref="CompressionException">CMP3010 when an array does not have its input's shape.</exception>
    public static IReadOnlyList<Fit> Decide(IReadOnlyList<(ModelInput Input, SampleArray Array)> bound, DataRequest request)
    {
        var constants = bound.Select(pair => Fit.Constant(pair.Input, pair.Array)).ToList();
        var anySamples = constants.Contains(null);
        return [.. bound.Select((pair, i) =>
            (anySamples ? constants[i] : null)
            ?? Fit.Of(pair.Input, pair.Array, request.Preprocess)
            ?? constants[i]
            ?? throw Codes.ShapeMismatch(request.At, pair.Input.Name, $"{pair.Input}", $"{pair.Array}", Hint(pair.Input, pair.Array, request.Preprocess)).Error())];
    }

    /// <summary>What would make the array fit.</summary>
    private static string Hint(ModelInput input, SampleArray array, Preprocess preprocess)
    {
        if (input.Rank > 2 && array.Dims.Length == 2 && input.Dims[1..].All(size => size > 0) && Tensor.ElementCount(input.Dims[1..]) == array.Dims[1])
            return $" Each row has the values of one sample: reshape the array to [{string.Join(", ", input.Dims[1..].Prepend(array.Dims[0]))}].";
        if (input.Rank != 4) return OneRowASample;
        foreach (var layout in (Layout[])[Layout.Nchw, Layout.Nhwc])
            if (Fit.Of(input, array, preprocess with { Layout = layout }) is not null)
                return $" Set preprocess.layout to {layout.ToString().ToLowerInvariant()}: the channel axis is elsewhere.";
        foreach (var (height, width) in ((long, long)[])[(input.Dims[2], input.Dims[3]), (input.Dims[1], input.Dims[2])])
            if (height > 0 && width > 0 && Fit.Of(input, array, preprocess with { Resize = ((int)height, (int)width) }) is not null)
                return $" Set preprocess.resize to [{height}, {width}].";
        return OneRowASample;
    }
}
