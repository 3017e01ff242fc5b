using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Compress.Diagnostics;
using Compress.Graph;

namespace Compress.Data;

/// <summary>The npy format, versions 1 to 3 (NumPy: numpy.lib.format): a magic number, a header in Python's notation, the values.</summary>
internal static partial class Npy
{
    private const int LargestHeader = 1 << 20;

    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>An npy file as one array, named as the file.</summary>
    public static IReadOnlyList<SampleArray> Open(DataRequest request)
    {
        var file = request.Path;
        return [Array(Path.GetFileNameWithoutExtension(file), file, FileSize.Of(file), () => new(File.OpenRead(file)))];
    }

    /// <param name="length">Bytes of header and values together.</param>
    /// <param name="open">The stream at the magic number.</param>
    public static SampleArray Array(string name, string file, long length, Func<ValueStream> open)
    {
        var (element, dims, bigEndian, start) = DataFile.Read(file, name, () =>
        {
            using var stream = open();
            return Header(stream.Values, file, name);
        });
        if (checked(Tensor.ElementCount(dims) * element.Size) > length - start) throw Codes.DataTruncated(file, name).Error();
        return new BinaryArray(name, file, element, dims, bigEndian, () => open().Skip(start));
    }

    private static (ElementType Element, long[] Dims, bool BigEndian, int Start) Header(Stream stream, string file, string name)
    {
        Diagnostic Invalid(string why) => Codes.DataHeaderInvalid(file, name, why);

        Span<byte> prefix = stackalloc byte[12];
        stream.ReadExactly(prefix[..8]);
        if (!prefix.StartsWith(Magic)) throw Invalid("it does not begin with the npy magic number").Error();
        var version = prefix[6];
        if (version is < 1 or > 3) throw Invalid($"npy version {version} is unknown").Error();
        var lengthBytes = version == 1 ? 2 : 4;
        stream.ReadExactly(prefix.Slice(8, lengthBytes));
        var length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(prefix[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(prefix[8..]);
        if (length > LargestHeader) throw Invalid($"its length is given as {length} bytes").Error();
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        var text = (version == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes);

        if (DescrPattern().Match(text) is not { Success: true } descr) throw Invalid("'descr' is missing").Error();
        if (FortranPattern().Match(text) is not { Success: true } fortran) throw Invalid("'fortran_order' is missing").Error();
        if (ShapePattern().Match(text) is not { Success: true } shape) throw Invalid("'shape' is missing").Error();
        var code = descr.Groups["type"].Value;
        var element = ElementTypes.OfNpy(code.TrimStart('<', '>', '|', '=')) ?? throw Codes.DataTypeUnsupported(file, name, code).Error();
        var dims = Dims(shape.Groups["dims"].Value) ?? throw Invalid($"the shape ({shape.Groups["dims"].Value}) is not one").Error();
        if (fortran.Groups["order"].Value == "True" && dims.Count(dim => dim > 1) > 1) throw Codes.FortranOrder(file, name).Error();
        return (element, dims, code.StartsWith('>'), 8 + lengthBytes + (int)length);
    }

    private static long[]? Dims(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var dims = new long[parts.Length];
        var product = 1L;
        for (var i = 0; i < parts.Length; i++)
        {
            // Python 2 wrote long integers as 10L.
            if (!long.TryParse(parts[i].TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out dims[i])) return null;
            if (dims[i] > 0 && product > long.MaxValue / 8 / dims[i]) return null;
            product *= Math.Max(1, dims[i]);
        }
        return dims;
    }

    [GeneratedRegex("""['"]descr['"]\s*:\s*(?:['"](?<type>[^'"]*)['"]|(?<type>\[[^\]]*\]?))""")]
    private static partial Regex DescrPattern();

    [GeneratedRegex("""['"]fortran_order['"]\s*:\s*(?<order>True|False)""")]
    private static partial Regex FortranPattern();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\((?<dims>[^)]*)\)""")]
    private static partial Regex ShapePattern();
}
