using System.Runtime.InteropServices;
using Compress.Graph;
using Microsoft.ML.OnnxRuntime;

namespace Compress.Runtime;

/// <summary>
/// Operators of our own, which graphs to train use and no model that is shipped: what would take ONNX Runtime a dozen passes over memory, one operator each, takes one.
/// They are managed code that ONNX Runtime calls.
/// </summary>
internal static class OwnOperators
{
    public const string Domain = "compress.training";

    /// <summary>x, step, bounds → x on the grid; see <see cref="GridKernels"/>.</summary>
    public const string Quantize = "FakeQuantize";

    /// <summary>x, step, bounds, ∂L/∂y → ∂L/∂x, ∂L/∂step.</summary>
    public const string QuantizeGradient = "FakeQuantizeGradient";

    private delegate void Kernel(ref KernelCall call);

    private static readonly (string Name, int Inputs, int Outputs, Kernel Compute)[] All =
    [
        (Quantize, 3, 1, static (ref KernelCall call) => GridKernels.Quantize(call.Input(0), call.Input(1)[0], call.Input(2), call.OutputLike(0, 0))),
        (QuantizeGradient, 4, 2, static (ref KernelCall call) => call.Number(1)[0] = GridKernels.Gradient(call.Input(0), call.Input(1)[0], call.Input(2), call.Input(3), call.OutputLike(0, 0))),
    ];

    private static readonly Lazy<nint> Registered = new(Register);

    /// <summary>Whether this process has them: an ONNX Runtime that knows such operators, on the processor.</summary>
    public static bool AreThere => ExecutionProvider.IsDefault && Registered.Value != 0;

    /// <summary>What a node of ours reads value by value; the rest are numbers.</summary>
    public static string[] Values(Node node) => [node.Inputs[0], .. node.Inputs.Skip(3)];

    /// <summary>For sessions whose model has some.</summary>
    public static void AddTo(SessionOptions options)
    {
        if (AreThere) OperatorApi.Add(options, Registered.Value);
    }

    /// <summary>Runs one; gives the status.</summary>
    /// <param name="number">Its place in the list.</param>
    public static nint Run(int number, KernelCall call)
    {
        All[number].Compute(ref call);
        return call.Status;
    }

    private static unsafe nint Register()
    {
        if (!OperatorApi.IsThere || OperatorApi.CreateDomain(Marshal.StringToCoTaskMemUTF8(Domain)) is not (not 0 and var domain)) return 0;
        for (var number = 0; number < All.Length; number++)
            if (!OperatorApi.Add(domain, NativeOperator.Of(All[number].Name, All[number].Inputs, All[number].Outputs, number))) return 0;
        return domain;
    }
}
