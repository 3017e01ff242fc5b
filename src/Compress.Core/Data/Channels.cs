using System.Runtime.InteropServices;
using Compress.Graph;

namespace Compress.Data;

/// <summary>Moves the channel axis of pictures, whatever their element type.</summary>
internal static class Channels
{
    /// <summary>[…, height, width, channel] to […, channel, height, width], or back.</summary>
    public static Tensor Move(Tensor tensor, Arrangement arrangement)
    {
        if (arrangement == Arrangement.AsIs) return tensor;
        var dims = tensor.Dims;
        // Height and width go together: a picture is a matrix of pixels by channels, or of channels by pixels.
        var (rows, columns) = arrangement == Arrangement.ToChannelsFirst ? (dims[^3] * dims[^2], dims[^1]) : (dims[^3], dims[^2] * dims[^1]);
        var result = new byte[tensor.ByteCount];
        var size = (int)(tensor.ByteCount / Math.Max(1, tensor.Count));
        Action<ReadOnlySpan<byte>, Span<byte>, int, int> transpose = size switch
        {
            1 => Transpose<byte>,
            2 => Transpose<ushort>,
            4 => Transpose<uint>,
            _ => Transpose<ulong>,
        };
        var bytes = checked((int)(rows * columns * size));
        for (var at = 0; at < result.Length; at += bytes) transpose(tensor.Raw.Slice(at, bytes), result.AsSpan(at, bytes), (int)rows, (int)columns);
        return new Tensor(tensor.Type, Fit.Moved(dims, arrangement), result);
    }

    private static void Transpose<T>(ReadOnlySpan<byte> from, Span<byte> to, int rows, int columns) where T : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, T>(from);
        var target = MemoryMarshal.Cast<byte, T>(to);
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++) target[column * rows + row] = source[row * columns + column];
    }
}
