namespace Compress.Runtime.Operators;

/// <summary>How the kernel of a convolution moves over images: M filters of C channels (1 of M where each has its own), along height and width each.</summary>
internal readonly record struct ConvShape(long Filters, long Channels, (long H, long W) Kernel, (long H, long W) Strides, (long H, long W) Dilations, (long H, long W) Begin, (long H, long W) End, bool IsDepthwise)
{
    public long Positions => Kernel.H * Kernel.W;

    /// <summary>As the numbers of a tensor.</summary>
    public float[] Numbers => [Filters, Channels, Kernel.H, Kernel.W, Strides.H, Strides.W, Dilations.H, Dilations.W, Begin.H, Begin.W, End.H, End.W, IsDepthwise ? 1 : 0];

    public static ConvShape Of(ReadOnlySpan<float> n) =>
        new((long)n[0], (long)n[1], ((long)n[2], (long)n[3]), ((long)n[4], (long)n[5]), ((long)n[6], (long)n[7]), ((long)n[8], (long)n[9]), ((long)n[10], (long)n[11]), n[12] != 0);

    /// <summary>Positions of the output of an image, down and across.</summary>
    public (long H, long W) Output((long H, long W) image) =>
        (((image.H + Begin.H + End.H - (Dilations.H * (Kernel.H - 1)) - 1) / Strides.H) + 1, ((image.W + Begin.W + End.W - (Dilations.W * (Kernel.W - 1)) - 1) / Strides.W) + 1);

    /// <summary>How high and wide the kernel reaches for so many positions of the output.</summary>
    public (long H, long W) Reach((long H, long W) output) =>
        (((output.H - 1) * Strides.H) + ((Kernel.H - 1) * Dilations.H) + 1, ((output.W - 1) * Strides.W) + ((Kernel.W - 1) * Dilations.W) + 1);

    /// <summary>Rows of the kernel that meet an image so high at a line of the output, and not the zeros above or below.</summary>
    public (long From, long To) RowsAt(long line, long height)
    {
        var top = (line * Strides.H) - Begin.H;
        long from = top >= 0 ? 0 : (Dilations.H - 1 - top) / Dilations.H, to = height <= top ? 0 : ((height - 1 - top) / Dilations.H) + 1;
        return (Math.Min(from, Kernel.H), Math.Min(to, Kernel.H));
    }

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
