namespace Compress.Runtime.Operators;

/// <summary>How the kernel of a convolution moves over images: M filters of C channels (1 of M where each has its own), along height and width each.</summary>
internal readonly record struct ConvShape(long Filters, long Channels, (long H, long W) Kernel, (long H, long W) Strides, (long H, long W) Dilations, (long H, long W) Begin, bool IsDepthwise)
{
    public long Positions => Kernel.H * Kernel.W;

    /// <summary>As the numbers of a tensor.</summary>
    public float[] Numbers => [Filters, Channels, Kernel.H, Kernel.W, Strides.H, Strides.W, Dilations.H, Dilations.W, Begin.H, Begin.W, IsDepthwise ? 1 : 0];

    public static ConvShape Of(ReadOnlySpan<float> n) =>
        new((long)n[0], (long)n[1], ((long)n[2], (long)n[3]), ((long)n[4], (long)n[5]), ((long)n[6], (long)n[7]), ((long)n[8], (long)n[9]), n[10] != 0);

    /// <summary>For a kernel offset, which rectangle of the output meets the image, and where it does.</summary>
    /// <param name="y">The offset along the height.</param>
    /// <param name="image">Its size.</param>
    /// <param name="line">The first line of the output that is asked for.</param>
    /// <param name="end">The line behind the last one.</param>
    public ConvMeeting Meet(long y, long x, (long H, long W) image, long line, long end, long columns)
    {
        var (top, bottom) = Meets((y * Dilations.H) - Begin.H, Strides.H, image.H, line, end);
        var (left, right) = Meets((x * Dilations.W) - Begin.W, Strides.W, image.W, 0, columns);
        return new(Math.Max(0, bottom - top), Math.Max(0, right - left), (top * columns) + left, (((top * Strides.H) + (y * Dilations.H) - Begin.H) * image.W) + (left * Strides.W) + (x * Dilations.W) - Begin.W);
    }

    /// <summary>Positions o of the output, from which o · stride + <paramref name="shift"/> lies in the image.</summary>
    private static (long From, long To) Meets(long shift, long stride, long size, long from, long to)
    {
        if (stride == 1) return (Math.Max(from, -shift), Math.Min(to, size - shift));
        return (Math.Max(from, shift >= 0 ? 0 : (stride - 1 - shift) / stride), Math.Min(to, size - 1 < shift ? 0 : ((size - 1 - shift) / stride) + 1));
    }
}

/// <summary>A rectangle of positions of a convolution's output, and the first of them there and in the image.</summary>
internal readonly record struct ConvMeeting(long Rows, long Columns, long Output, long Image);
