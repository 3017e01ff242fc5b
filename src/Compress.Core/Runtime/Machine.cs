using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace Compress.Runtime;

/// <summary>What measured times depend on besides the model.</summary>
public static class Machine
{
    private static readonly Lazy<string> Described = new(Describe);

    /// <summary>The brand string of an x86 processor (CPUID leaves 80000002 to 80000004); elsewhere the architecture.</summary>
    public static string Processor { get; } = ReadProcessor();

    /// <summary>Processor, version of ONNX Runtime, and what else than the processor runs the models, in words; names no computer. Loads ONNX Runtime.</summary>
    public static string Description => ExecutionProvider.IsDefault ? Described.Value : $"{Described.Value}, {ExecutionProvider.Name}";

    private static string Describe()
    {
        NativeRuntime.UseAny();
        return $"{Processor}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}";
    }

    private static string ReadProcessor()
    {
        const int FirstLeaf = unchecked((int)0x80000002);
        if (!X86Base.IsSupported) return RuntimeInformation.ProcessArchitecture.ToString();
        var leaves = Enumerable.Range(FirstLeaf, 3).Select(leaf => X86Base.CpuId(leaf, 0));
        var bytes = leaves.SelectMany(leaf => new[] { leaf.Eax, leaf.Ebx, leaf.Ecx, leaf.Edx }).SelectMany(BitConverter.GetBytes);
        return Encoding.ASCII.GetString([.. bytes]).TrimEnd('\0', ' ').Trim();
    }
}
