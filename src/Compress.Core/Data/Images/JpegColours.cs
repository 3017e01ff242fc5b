namespace Compress.Data.Images;

/// <summary>The pixels of a JPEG picture from the planes of its components.</summary>
internal static class JpegColours
{
    /// <param name="adobeTransform">What an Adobe marker says of the colours: 0 as they are, 1 YCbCr, 2 YCCK; null without one.</param>
    public static Image Of(IReadOnlyList<float[]> planes, int width, int height, byte[] ids, int? adobeTransform)
    {
        var channels = planes.Count == 1 ? 1 : 3;
        var pixels = new byte[width * height * channels];
        var isRgb = adobeTransform == 0 || (adobeTransform is null && ids.AsSpan().SequenceEqual("RGB"u8));
        var hasLuma = planes.Count == 4 ? adobeTransform == 2 : !isRgb;
        for (var i = 0; i < width * height; i++)
        {
            var pixel = pixels.AsSpan(i * channels, channels);
            if (channels == 1)
            {
                pixel[0] = (byte)planes[0][i];
                continue;
            }
            var (red, green, blue) = hasLuma ? FromLuma(planes[0][i], planes[1][i] - 128, planes[2][i] - 128) : (planes[0][i], planes[1][i], planes[2][i]);
            // Four components are inks, stored as the light that each leaves: colour times black. YCCK turns the colours into ink before.
            if (hasLuma && planes.Count == 4) (red, green, blue) = (255 - red, 255 - green, 255 - blue);
            var light = planes.Count == 4 ? planes[3][i] / 255 : 1;
            (pixel[0], pixel[1], pixel[2]) = (Round(red * light), Round(green * light), Round(blue * light));
        }
        return new(width, height, channels, pixels);
    }

    /// <summary>ITU-R BT.601 in full range (JFIF).</summary>
    private static (float Red, float Green, float Blue) FromLuma(float luma, float blueness, float redness) =>
        (Math.Clamp(luma + 1.402f * redness, 0, 255), Math.Clamp(luma - 0.344136f * blueness - 0.714136f * redness, 0, 255), Math.Clamp(luma + 1.772f * blueness, 0, 255));

    private static byte Round(float value) => (byte)Math.Clamp(MathF.Round(value), 0, 255);
}
