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

    /// <summary>The library that a policy names; null: the tool's own. Must be called before the first session of a model.</summary>
    /// <param name="library">Its path.</param>
    /// <param name="at">Where the policy names it.</param>
    /// <exception cref="CompressionException">CMP0010 or CMP0011 when it is not there or no ONNX Runtime, CMP0012 when this process has another one.</exception>
    public static void Use(string? library, SourceLocation? at = null)
    {
        lock (Gate)
        {
            if (registered && library == chosen) return;
            if (library is not null) Check(library, at);
            if (registered) throw Codes.RuntimeChosen(library ?? OwnPath, chosen ?? OwnPath, at).Error();
            registered = true;
            chosen = library;
            // ORT registers a resolver of its own in its newer versions; ours must be the only one.
            typeof(OrtEnv).GetProperty("DisableDllImportResolver", BindingFlags.Public | BindingFlags.Static)?.SetValue(null, true);
            NativeLibrary.SetDllImportResolver(typeof(InferenceSession).Assembly, Resolve);
            Start(at);
        }
    }

    /// <summary>Whatever this process has, and the tool's own when nothing was chosen.</summary>
    public static void UseAny() => Use(chosen);

    /// <summary>ONNX Runtime's table of functions in C; 0: it is older than <paramref name="version"/>.</summary>
    internal static unsafe nint Api(uint version)
    {
        UseAny();
        var start = (delegate* unmanaged<nint*>)NativeLibrary.GetExport(Resolve("onnxruntime", typeof(InferenceSession).Assembly, search: null), "OrtGetApiBase");
        return ((delegate* unmanaged<uint, nint>)start()[0])(version);
    }

    /// <summary>Before anything depends on it: what a type initializer throws is lost for the rest of the process.</summary>
    private static void Check(string library, SourceLocation? at)
    {
        if (!File.Exists(library)) throw Codes.NativeMissing(library, Rid, at).Error();
        if (!NativeLibrary.TryGetExport(Load(library, at), "OrtGetApiBase", out _)) throw Codes.NativeUnusable(library, "it is another library than ONNX Runtime", at).Error();
    }

    /// <summary>The first call into the library, which tells whether it can be used.</summary>
    private static void Start(SourceLocation? at)
    {
        try
        {
            _ = OrtEnv.Instance();
        }
        catch (Exception e) when (e.GetBaseException() is var cause and not OutOfMemoryException)
        {
            throw cause as CompressionException ?? Codes.NativeUnusable(chosen ?? OwnPath, LastLine(cause), at).Error(e);
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (!name.Contains("onnxruntime", StringComparison.Ordinal) || name.Contains("extensions", StringComparison.Ordinal)) return 0;
        var path = chosen ?? OwnPath;
        if (!File.Exists(path)) return chosen is null && NativeLibrary.TryLoad("onnxruntime", assembly, search, out var packaged) ? packaged : throw Codes.NativeMissing(path, Rid, at: null).Error();
        return Load(path, at: null);
    }

    private static nint Load(string path, SourceLocation? at)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw Codes.NativeUnusable(path, LastLine(e), at).Error(e);
        }
    }

    /// <summary>The loader's own words come last.</summary>
    private static string LastLine(Exception e) => e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1].TrimEnd('.');

    private static string OwnPath => Path.Combine(AppContext.BaseDirectory, "runtimes", Rid, "native", FileName);

    private static string Rid => $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private static string FileName => OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib" : "libonnxruntime.so";
}
