using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;

namespace Compress.Data;

/// <summary>An input with the array that feeds it: reads rows and makes of them what the model wants.</summary>
internal sealed class InputFeed
{
    private readonly Normalization? normalization;
    private readonly Lazy<Tensor> constant;

    /// <exception cref="CompressionException">CMP3023 when the policy's mean or std has not one value a channel.</exception>
    public InputFeed(ModelInput input, SampleArray array, Fit fit, DataRequest request)
    {
        (Input, Array, Fit) = (input, array, fit);
        normalization = Normalize(request);
        constant = new(() => Prepare(Array.ReadAll(), 0));
    }

    public ModelInput Input { get; }

    public SampleArray Array { get; }

    public Fit Fit { get; }

    /// <summary>The value of an input without samples.</summary>
    public Tensor Constant => constant.Value;

    /// <summary>Reads the next rows; <paramref name="first"/> is the number of their first sample, for errors.</summary>
    public Tensor Read(IRowReader rows, int count, long first) => Prepare(rows.Read(count), first);

    private Tensor Prepare(Tensor rows, long first)
    {
        var tensor = rows.Reshape(Fit.Reshape(rows.Dims));
        // Data in the other layout are resized in their own: before the channels move.
        var channelsLast = Fit.Arrangement == Arrangement.AsIs ? Fit.ChannelsLast : Fit.Arrangement == Arrangement.ToChannelsFirst;
        if (Fit.Size is var (height, width)) tensor = Bilinear.Resize(tensor, height, width, channelsLast);
        tensor = Channels.Move(tensor, Fit.Arrangement);
        if (normalization is not null) tensor = normalization.Apply(tensor);
        var perSample = Math.Max(1, tensor.Count / Math.Max(1, Fit.Role == Role.Batch ? tensor.Dims[0] : 1));
        return ElementCast.To(Input.Type, tensor, (place, value) =>
            Codes.ValueOutOfRange(Array.File, Array.Name, first + place / perSample, value, Input.Name, Input.Type.ToString().ToLowerInvariant()).Error());
    }

    private Normalization? Normalize(DataRequest request)
    {
        var (scale, mean, std) = (request.Preprocess.Scale, request.Preprocess.Mean, request.Preprocess.Std);
        var applies = Input.IsFloat && (request.Preprocess.Inputs.Count == 0 || request.Preprocess.Inputs.Contains(Input.Name));
        if (!applies || (scale == 1 && mean.Count == 0 && std.Count == 0)) return null;
        return new(scale, mean, std, Math.Max(Axis("mean", mean, request), Axis("std", std, request)));
    }

    /// <summary>The channel axis: where the layout has it, else the first of the usual ones that has as many channels as there are values.</summary>
    private int Axis(string key, IReadOnlyList<float> values, DataRequest request)
    {
        if (values.Count <= 1) return 0;
        var rank = Fit.Shape.Length;
        int[] usual = Fit.ChannelsLast ? [rank - 1] : [1, rank - 3, rank - 1];
        var axis = System.Array.FindIndex(usual, axis => axis >= 0 && axis < rank && Fit.Shape[axis] == values.Count);
        return axis >= 0 ? usual[axis] : throw Codes.ChannelCountMismatch(request.At, key, values.Count, Input.Name, Shapes.Text(Fit.Shape)).Error();
    }
}
