namespace Compress.Diagnostics;

/// <summary>0xxx: targets, task, tool and the native runtime.</summary>
public static partial class Codes
{
    public static Diagnostic NativeMissing(string path, string rid, SourceLocation? at) =>
        Error(0010, $"No ONNX Runtime library for {rid} was found (looked for '{path}'). Name one in the policy with 'runtime:'.", at);

    public static Diagnostic NativeUnusable(string path, string why, SourceLocation? at) =>
        Error(0011, $"The ONNX Runtime library '{path}' can't be loaded: {why}. Name the one for this machine with 'runtime:'.", at);

    public static Diagnostic ProviderMissing(string provider, IEnumerable<string> available, SourceLocation? at) =>
        Error(0013, $"The ONNX Runtime library has no {provider}; it has: {string.Join(", ", available)}. Name the library that the application ships with 'runtime:', or another 'provider:'.", at);

    public static Diagnostic RuntimeChosen(string wanted, string used, SourceLocation? at) =>
        Error(0012, $"The ONNX Runtime library '{wanted}' can't be used beside '{used}', which an earlier model of this run was measured on. Compress the models one by one: dotnet compress MODEL.", at);
}
