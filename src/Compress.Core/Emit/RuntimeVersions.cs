using Compress.Diagnostics;
using Onnx;

namespace Compress.Emit;

/// <summary>What the versions of the Microsoft.ML.OnnxRuntime package load (its documentation, "Compatibility"): a build tells before an application fails.</summary>
public static class RuntimeVersions
{
    /// <summary>From this version on: operator set and IR version at most. Later versions know more than is written here.</summary>
    private static readonly (Version From, int Opset, int Ir)[] Table =
    [
        (new(1, 18), 21, 10), (new(1, 17), 20, 9), (new(1, 15), 19, 9), (new(1, 14), 18, 8), (new(1, 12), 17, 8), (new(1, 11), 16, 8), (new(0, 0), 15, 7),
    ];

    /// <summary>The first version about which nothing is known.</summary>
    private static readonly Version Unknown = new(1, 21);

    /// <summary>Bits of packed weights → the first version whose MatMulNBits has a kernel for them.</summary>
    private static readonly Dictionary<long, Version> PackedProducts = new() { [4] = new(1, 17), [8] = new(1, 22) };

    /// <summary>Of a MatMulNBits that names none.</summary>
    private const long DefaultBits = 4;

    /// <param name="model">The file's bytes.</param>
    /// <param name="referenced">The version that a project references, several separated by semicolons; what is no version (1.*) is passed over.</param>
    /// <param name="at">Where the policy names the model.</param>
    /// <returns>CMP8007 or CMP8008 when that version will not load the model; null when it will, or when nothing is known.</returns>
    public static Diagnostic? Check(byte[] model, string? referenced, SourceLocation at)
    {
        if (Oldest(referenced) is not { } version || version >= Unknown && version >= PackedProducts.Values.Max()) return null;
        var proto = ModelProto.Parser.ParseFrom(model);
        if (Packed(proto.Graph) is { } packed && version < packed) return Codes.OperatorTooNew(at, version.ToString(), "MatMulNBits", packed.ToString(2));
        if (version >= Unknown) return null;
        var (_, opset, ir) = Table.First(row => row.From <= version);
        var written = (int)proto.OpsetImport.Where(import => import.Domain is "" or "ai.onnx").Select(import => import.Version).DefaultIfEmpty(0).Max();
        if (written <= opset && proto.IrVersion <= ir) return null;
        var needed = Table.Where(row => row.Opset >= written && row.Ir >= proto.IrVersion).Select(row => row.From).DefaultIfEmpty(Unknown).Min()!;
        return Codes.RuntimeTooOld(at, version.ToString(), opset, ir, written, proto.IrVersion, needed.ToString(2));
    }

    /// <summary>The first version that has a kernel for every packed product; null: there is none, or nothing is known of its bits.</summary>
    private static Version? Packed(GraphProto graph) => graph.Node.Where(node => node is { OpType: "MatMulNBits", Domain: "com.microsoft" })
        .Select(node => node.Attribute.FirstOrDefault(attribute => attribute.Name == "bits")?.I ?? DefaultBits)
        .Select(bits => PackedProducts.GetValueOrDefault(bits)).Max();

    private static Version? Oldest(string? referenced) => (referenced ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Select(text => Version.TryParse(text.Trim(' ', '[', ']', '(', ')').Split(',', '-')[0], out var version) ? version : null)
        .Where(version => version is not null).Min();
}
