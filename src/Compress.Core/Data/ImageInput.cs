using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Data;

/// <summary>What a model's picture input wants: 1 channel (gray), 3 (RGB) or 4 (RGBA), and a size unless any size will do.</summary>
internal sealed record ImageInput(int Channels, (int Height, int Width)? Size)
{
    /// <exception cref="CompressionException">CMP3015 when the model has no single picture input.</exception>
    public static ImageInput Of(DataRequest request)
    {
        var text = string.Join(", ", request.Inputs.Select(input => $"'{input.Name}' {input}"));
        if (request.Inputs is not [{ Rank: 3 or 4 } only]) throw Codes.NoImageInput(request.At, request.Path, text).Error();
        var (channels, height, width) = IsChannelsLast(only, request.Preprocess)
            ? (only.Dims[^1], only.Dims[^3], only.Dims[^2])
            : (only.Dims[^3], only.Dims[^2], only.Dims[^1]);
        if (channels is not (-1 or 1 or 3 or 4)) throw Codes.NoImageInput(request.At, request.Path, text).Error();
        (int, int)? declared = height > 0 && width > 0 ? ((int)height, (int)width) : null;
        return new(channels < 0 ? 3 : (int)channels, request.Preprocess.Resize ?? declared);
    }

    /// <summary>As the policy says; else by the axis that has the length of a channel axis, the first of two.</summary>
    public static bool IsChannelsLast(ModelInput input, Preprocess preprocess) => preprocess.Layout switch
    {
        Layout.Nhwc => true,
        Layout.Nchw => false,
        _ => input.Rank >= 3 && input.Dims[^1] is 1 or 3 or 4 && input.Dims[^3] is not (1 or 3 or 4),
    };
}
