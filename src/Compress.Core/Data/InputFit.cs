using Compress.Graph;
using Compress.Policy;

namespace Compress.Data;

/// <summary>What the first axis of an array is to the model.</summary>
internal enum Role
{
    /// <summary>The array has no samples: it is fed whole to every run.</summary>
    Constant,

    /// <summary>Axis 0 of the array and of the input counts samples.</summary>
    Batch,

    /// <summary>The array has one axis more than the input: each row is a whole input, the feed of one run.</summary>
    Feed,
}

/// <summary>Order of the channel axis: what must be done to the data.</summary>
internal enum Arrangement { AsIs, ToChannelsFirst, ToChannelsLast }

/// <summary>One way in which an array is read as an input.</summary>
/// <param name="Reshape">From the dimensions of some rows to those that the model sees, before the channel axis is moved.</param>
/// <param name="Shape">The dimensions that the model sees, of all rows.</param>
/// <param name="Size">Height and width that pictures are resized to; null: they stay as they are.</param>
internal sealed record Fit(Role Role, Func<long[], long[]> Reshape, Arrangement Arrangement, bool ChannelsLast, (int Height, int Width)? Size, long[] Shape)
{
    /// <summary>The first reading of the array as samples that has the input's shape; null when there is none.</summary>
    public static Fit? Of(ModelInput input, SampleArray array, Preprocess preprocess)
    {
        foreach (var (role, reshape) in Readings(input, array))
        {
            var shape = reshape(array.Dims);
            foreach (var (arrangement, channelsLast) in Arrangements(input, array, preprocess))
            {
                var size = input.Rank == 4 && array.Form == ArrayForm.Tensor ? preprocess.Resize : null;
                var seen = Resized(Moved(shape, arrangement), size, channelsLast);
                var declared = role == Role.Batch ? [-1, .. input.Dims[1..]] : input.Dims;
                if (Shapes.Fit(seen, declared)) return new(role, reshape, arrangement, channelsLast, size, seen);
            }
        }
        return null;
    }

    /// <summary>The array as a value without samples; null when it has another shape or the input's shape is not fixed.</summary>
    public static Fit? Constant(ModelInput input, SampleArray array)
    {
        var single = Tensor.ElementCount(array.Dims) == 1 && input.Dims.All(dim => dim == 1);
        if (!single && !(array.Dims.AsSpan().SequenceEqual(input.Dims) && !array.IsRagged)) return null;
        return new(Role.Constant, _ => input.Dims, Arrangement.AsIs, false, null, input.Dims);
    }

    public static long[] Moved(long[] dims, Arrangement arrangement) => arrangement switch
    {
        Arrangement.ToChannelsFirst => [.. dims[..^3], dims[^1], dims[^3], dims[^2]],
        Arrangement.ToChannelsLast => [.. dims[..^3], dims[^2], dims[^1], dims[^3]],
        _ => dims,
    };

    private static IEnumerable<(Role Role, Func<long[], long[]> Reshape)> Readings(ModelInput input, SampleArray array)
    {
        var extraAxes = array.Dims.Length - input.Rank;
        if (extraAxes == 1) yield return (Role.Feed, dims => dims[1..]);
        if (input.Rank == 0) yield break;
        if (extraAxes == 0) yield return (Role.Batch, dims => dims);
        if (extraAxes == -1 && array.Dims.Length > 0)
        {
            // Gray pictures are often stored without their channel axis, single features without theirs.
            yield return (Role.Batch, dims => [dims[0], 1, .. dims[1..]]);
            yield return (Role.Batch, dims => [.. dims, 1]);
        }
        if (array.Form == ArrayForm.Table && input.Dims[1..].All(dim => dim > 0) && Tensor.ElementCount(input.Dims.AsSpan(1)) == Tensor.ElementCount(array.Dims.AsSpan(1)))
            yield return (Role.Batch, dims => [dims[0], .. input.Dims[1..]]);
    }

    /// <summary>A policy's layout speaks of data that come as height, width, channel; data that have the model's order already stay as they are.</summary>
    private static IEnumerable<(Arrangement Arrangement, bool ChannelsLast)> Arrangements(ModelInput input, SampleArray array, Preprocess preprocess)
    {
        if (array.Form == ArrayForm.Images)
        {
            var last = ImageInput.IsChannelsLast(input, preprocess);
            return [(last ? Arrangement.AsIs : Arrangement.ToChannelsFirst, last)];
        }
        return (input.Rank == 4 ? preprocess.Layout : null) switch
        {
            Layout.Nchw => [(Arrangement.ToChannelsFirst, false), (Arrangement.AsIs, false)],
            Layout.Nhwc => [(Arrangement.AsIs, true), (Arrangement.ToChannelsLast, true)],
            _ => [(Arrangement.AsIs, false)],
        };
    }

    private static long[] Resized(long[] dims, (int Height, int Width)? size, bool channelsLast)
    {
        if (size is not { } to || dims.Length < 3) return dims;
        var height = dims.Length - (channelsLast ? 3 : 2);
        return [.. dims[..height], to.Height, to.Width, .. dims[(height + 2)..]];
    }
}
