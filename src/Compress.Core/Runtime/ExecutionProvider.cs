using Compress.Diagnostics;
using Compress.Policy;
using Microsoft.ML.OnnxRuntime;

namespace Compress.Runtime;

/// <summary>What models are run on in this process, as the policy names it; operators that it does not have run on the CPU.</summary>
public static class ExecutionProvider
{
    /// <summary>One row a provider: its name in ONNX Runtime's list, and how a session gets it.</summary>
    private static readonly Dictionary<Provider, (string Name, Action<SessionOptions> Append)> Known = new()
    {
        [Provider.Cpu] = ("CPUExecutionProvider", _ => { }),
        [Provider.Cuda] = ("CUDAExecutionProvider", options => options.AppendExecutionProvider_CUDA()),
        [Provider.TensorRT] = ("TensorrtExecutionProvider", options => options.AppendExecutionProvider_Tensorrt()),
        [Provider.OpenVino] = ("OpenVINOExecutionProvider", options => options.AppendExecutionProvider_OpenVINO()),
        [Provider.CoreML] = ("CoreMLExecutionProvider", options => options.AppendExecutionProvider_CoreML()),
        [Provider.Xnnpack] = ("XnnpackExecutionProvider", options => options.AppendExecutionProvider("XNNPACK")),
        [Provider.DirectML] = ("DmlExecutionProvider", options =>
        {
            options.EnableMemoryPattern = false; // DirectML allows neither patterns nor parallel nodes
            options.AppendExecutionProvider_DML();
        }),
    };

    private static Provider chosen;

    /// <summary>Called before the first session of a model, after <see cref="NativeRuntime.Use"/>.</summary>
    /// <exception cref="CompressionException">CMP0013 when the native library has no such provider.</exception>
    public static void Use(Provider provider, SourceLocation? at)
    {
        var available = OrtEnv.Instance().GetAvailableProviders();
        if (!available.Contains(Known[provider].Name)) throw Codes.ProviderMissing(Known[provider].Name, available, at).Error();
        chosen = provider;
    }

    /// <summary>Whether the processor alone runs the models.</summary>
    public static bool IsDefault => chosen == Provider.Cpu;

    /// <summary>Its name in ONNX Runtime's list.</summary>
    public static string Name => Known[chosen].Name;

    internal static void AddTo(SessionOptions options) => Known[chosen].Append(options);
}
