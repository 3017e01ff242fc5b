namespace Compress.Diagnostics;

/// <summary>0xxx: targets, task, tool and the native runtime.</summary>
public static partial class Codes
{
    public static Diagnostic NativeMissing(string path, string rid) =>
        Error(0010, $"No ONNX Runtime library for {rid} was found (looked for '{path}'). Name one in the policy with 'runtime:'.");

    public static Diagnostic NativeUnusable(string path, string why) =>
        Error(0011, $"The ONNX Runtime library '{path}' can't be loaded: {why}");
}
