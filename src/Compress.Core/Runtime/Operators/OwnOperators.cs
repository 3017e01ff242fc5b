using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Compress.Graph;
using Microsoft.ML.OnnxRuntime;

namespace Compress.Runtime.Operators;

/// <summary>
/// Operators of our own, which graphs to train use and no model that is shipped: what would take ONNX Runtime a dozen passes over memory, one operator each, takes one.
/// They are managed code that ONNX Runtime calls.
/// </summary>
internal static class OwnOperators
{
    public const string Domain = "compress.training";

    /// <summary>x, step, bounds → x on the grid; see <see cref="GridKernels"/>.</summary>
    public const string Quantize = "FakeQuantize";

    /// <summary>x, step, bounds, ∂L/∂y → ∂L/∂x, in its place where nobody else reads it, and ∂L/∂step.</summary>
    public const string QuantizeGradient = "FakeQuantizeGradient";

    /// <summary>x → x in blocks of channels; see <see cref="BlockKernel"/>. In graphs that are run at length ONNX Runtime's own operator is in its place.</summary>
    public const string InBlocks = "InBlocks";

    /// <summary>x in blocks, w in blocks, b, shape → y in blocks; see <see cref="ConvKernel"/>.</summary>
    public const string Convolve = "Convolve";

    /// <summary>x in blocks, ∂L/∂y in blocks, shape → ∂L/∂w, ∂L/∂b; see <see cref="ConvGradientKernel"/>.</summary>
    public const string ConvGradient = "ConvGradient";

    /// <summary>∂L/∂y in blocks, w in blocks, shape, x in blocks → ∂L/∂x in blocks; of x the dimensions are read. See <see cref="ConvInputGradientKernel"/>.</summary>
    public const string ConvInputGradient = "ConvInputGradient";

    /// <summary>x, y, ∂L/∂y → ∂L/∂x, all in blocks; see <see cref="MaxPoolGradientKernel"/>.</summary>
    public const string MaxPoolGradient = "MaxPoolGradient";

    /// <summary>w → w in blocks; see <see cref="WeightKernels"/>.</summary>
    public const string WeightsInBlocks = "WeightsInBlocks";

    /// <summary>w → w turned round, filters and channels exchanged; see <see cref="WeightKernels"/>.</summary>
    public const string TurnWeights = "TurnWeights";

    /// <summary>Behind the name of one that reads x: …, step, bounds as well, and x before it is on that grid.</summary>
    public const string OnGrid = "OnGrid";

    /// <summary>Behind the name of one that makes ∂L/∂y of a grid: …, x, step, bounds as well → ∂L/∂x, ∂L/∂step.</summary>
    public const string ThroughGrid = "ThroughGrid";

    private delegate void Kernel(ref KernelCall call);

    private static readonly (string Name, int Inputs, int Outputs, Kernel Compute)[] All =
    [
        (Quantize, 3, 1, static (ref KernelCall call) => GridKernels.Quantize(call.Input(0), call.Input(1)[0], call.Input(2), call.Output(0, call.Dims(0)))),
        (QuantizeGradient, 4, 2, static (ref KernelCall call) => call.Output(1)[0] = (float)GridKernels.Gradient(call.Input(0), call.Input(1)[0], call.Input(2), call.Input(3), call.Output(0, call.Dims(0)))),
        (InBlocks, 1, 1, BlockKernel.Run),
        (Convolve, 4, 1, static (ref KernelCall call) => ConvKernel.Run(ref call, default, default)),
        (Convolve + OnGrid, 6, 1, static (ref KernelCall call) => ConvKernel.Run(ref call, call.Grid(4), default)),
        (Convolve + ThroughGrid, 7, 2, static (ref KernelCall call) => call.Output(1)[0] = (float)ConvKernel.Run(ref call, default, call.GridOf(4))),
        (ConvGradient, 3, 2, static (ref KernelCall call) => ConvGradientKernel.Run(ref call, default)),
        (ConvGradient + OnGrid, 5, 2, static (ref KernelCall call) => ConvGradientKernel.Run(ref call, call.Grid(3))),
        (ConvInputGradient, 4, 1, static (ref KernelCall call) => ConvInputGradientKernel.Run(ref call, default)),
        (ConvInputGradient + ThroughGrid, 6, 2, static (ref KernelCall call) => call.Output(1)[0] = (float)ConvInputGradientKernel.Run(ref call, call.GridOf(3))),
        (MaxPoolGradient, 3, 1, MaxPoolGradientKernel.Run),
        (WeightsInBlocks, 1, 1, WeightKernels.InBlocks),
        (TurnWeights, 1, 1, WeightKernels.Turn),
    ];

    private static readonly Lazy<nint> Registered = new(Register);

    /// <summary>Whether this process has them: an ONNX Runtime that knows such operators, on the processor.</summary>
    public static bool AreThere => ExecutionProvider.IsDefault && Registered.Value != 0;

    /// <summary>Whether a node of ours is the same in any layout.</summary>
    public static bool IsElementwise(Node node) => node.Op is Quantize or QuantizeGradient;

    /// <summary>What such a node reads value by value; the rest are numbers.</summary>
    public static string[] Values(Node node) => [node.Inputs[0], .. node.Inputs.Skip(3)];

    /// <summary>Channels of a block, where ours work on blocks as well: of 8 or of 16, on a processor that takes as many numbers at once. Null: nowhere.</summary>
    public static int? Block => AreThere && Vector256.IsHardwareAccelerated && ChannelBlock.Size is 8 or 16 && ChannelBlock.Size % Vector<float>.Count == 0 ? ChannelBlock.Size : null;

    /// <summary>For sessions whose model has some.</summary>
    public static void AddTo(SessionOptions options)
    {
        if (AreThere) OperatorApi.Add(options, Registered.Value);
    }

    /// <summary>Runs one; gives the status.</summary>
    /// <param name="number">Its place in the list.</param>
    public static nint Run(int number, KernelCall call)
    {
        try
        {
            All[number].Compute(ref call);
            return call.Status;
        }
        catch (Exception e)
        {
            // What leaves a function that native code called ends the process.
            return call.Status != 0 ? call.Status : OperatorApi.Failure($"{All[number].Name}: {e.Message}");
        }
    }

    private static unsafe nint Register()
    {
        if (!OperatorApi.IsThere || OperatorApi.CreateDomain(Marshal.StringToCoTaskMemUTF8(Domain)) is not (not 0 and var domain)) return 0;
        for (var number = 0; number < All.Length; number++)
        {
            var (name, inputs, outputs, _) = All[number];
            if (!OperatorApi.Add(domain, NativeOperator.Of(name, inputs, outputs, number, name is Quantize or QuantizeGradient, name == QuantizeGradient))) return 0;
        }
        return domain;
    }
}
