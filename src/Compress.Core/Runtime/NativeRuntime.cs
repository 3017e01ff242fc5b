using System.Reflection;
using System.Runtime.InteropServices;
using Compress.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace Compress.Runtime;

/// <summary>Which native ONNX Runtime this process uses: the one that a policy names, else the tool's own for this machine. One a process.</summary>
public static class NativeRuntime
{
    private static readonly Lock Gate = new();
    private static string? chosen;
    private static bool registered;

    /// <summary>Must be called before the first session when a policy names a library of its own.</summary>
    public static void Use(string? library)
    {
        lock (Gate)
        {
            if (library is not null && !File.Exists(library)) throw Codes.NativeMissing(library, RuntimeInformation.RuntimeIdentifier).Error();
            if (!registered)
            {
                registered = true;
                chosen = library;
                // ORT registers a resolver of its own in its newer versions; ours must be the only one.
                typeof(OrtEnv).GetProperty("DisableDllImportResolver", BindingFlags.Public | BindingFlags.Static)?.SetValue(null, true);
                NativeLibrary.SetDllImportResolver(typeof(InferenceSession).Assembly, Resolve);
            }
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (!name.Contains("onnxruntime", StringComparison.Ordinal) || name.Contains("extensions", StringComparison.Ordinal)) return 0;
        var path = chosen ?? Path.Combine(AppContext.BaseDirectory, "runtimes", Rid, "native", FileName);
        if (!File.Exists(path)) return chosen is null && NativeLibrary.TryLoad("onnxruntime", assembly, search, out var packaged) ? packaged : throw Codes.NativeMissing(path, Rid).Error();
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw Codes.NativeUnusable(path, e.Message.Split('\n')[0]).Error(e);
        }
    }

    private static string Rid => $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private static string FileName => OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib" : "libonnxruntime.so";
}
