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

    /// <summary>x, step, bounds → x on the grid, and where it was between its codes; see <see cref="GridKernels"/>.</summary>
    public const string Quantize = "FakeQuantize";

    /// <summary>Places, step, bounds, ∂L/∂y → ∂L/∂x, ∂L/∂step.</summary>
    public const string QuantizeGradient = "FakeQuantizeGradient";

    /// <summary>Places, step, bounds, ∂L/∂y → ∂L/∂x as the function before the grid stops it.</summary>
    public const string FunctionGradient = "FakeQuantizeFunctionGradient";

    /// <summary>x → x in blocks of channels; see <see cref="BlockKernel"/>. In graphs that are run at length ONNX Runtime's own operator is in its place.</summary>
    public const string InBlocks = "InBlocks";

    /// <summary>x in blocks, w in blocks, b, shape → y in blocks; see <see cref="ConvKernel"/>.</summary>
    public const string Convolve = "Convolve";

    /// <summary>x in blocks, ∂L/∂y in blocks, shape → ∂L/∂w, ∂L/∂b; see <see cref="ConvGradientKernel"/>.</summary>
    public const string ConvGradient = "ConvGradient";

    /// <summary>∂L/∂y in blocks, w in blocks, shape, x in blocks or its places → ∂L/∂x in blocks; of x the dimensions are read. See <see cref="ConvInputGradientKernel"/>.</summary>
    public const string ConvInputGradient = "ConvInputGradient";

    /// <summary>x, y, ∂L/∂y → ∂L/∂x, all in blocks; see <see cref="MaxPoolGradientKernel"/>.</summary>
    public const string MaxPoolGradient = "MaxPoolGradient";

    /// <summary>w → w in blocks; see <see cref="WeightKernels"/>.</summary>
    public const string WeightsInBlocks = "WeightsInBlocks";

    /// <summary>w → w turned round, filters and channels exchanged; see <see cref="WeightKernels"/>.</summary>
    public const string TurnWeights = "TurnWeights";

    /// <summary>Behind the name of one that reads x: places, …, step, bounds instead.</summary>
    public const string OfPlaces = "OfPlaces";

    /// <summary>Behind the name of one whose first output may take an input's place: it does. Nobody else may read that input.</summary>
    public const string InPlace = "InPlace";

    private delegate void Kernel(ref KernelCall call);

    private const ElementType Float = ElementType.Float, UInt16 = ElementType.UInt16;

    private static readonly Operator[] Plain =
    [
        new(Quantize, [Float, Float, Float], [Float, UInt16], static (ref KernelCall call) => GridKernels.Quantize(call.Input(0), call.Grid(1), call.Output(0, call.Dims(0)), call.PlacesOutput(1, call.Dims(0))), 0),
        new(QuantizeGradient, [UInt16, Float, Float, Float], [Float, Float], static (ref KernelCall call) => call.Output(1)[0] = (float)GridKernels.Gradient(call.Places(0), call.Grid(1), call.Input(3), call.Output(0, call.Dims(0))), 3),
        new(FunctionGradient, [UInt16, Float, Float, Float], [Float], static (ref KernelCall call) => GridKernels.FunctionGradient(call.Places(0), call.Grid(1), call.Input(3), call.Output(0, call.Dims(0))), 3),
        new(InBlocks, [Float], [Float], BlockKernel.Run),
        new(Convolve, [Float, Float, Float, Float], [Float], ConvKernel.Run),
        new(ConvGradient, [Float, Float, Float], [Float, Float], static (ref KernelCall call) => ConvGradientKernel.Run(ref call, isOnGrid: false)),
        new(ConvGradient + OfPlaces, [UInt16, Float, Float, Float, Float], [Float, Float], static (ref KernelCall call) => ConvGradientKernel.Run(ref call, isOnGrid: true)),
        new(ConvInputGradient, [Float, Float, Float, ElementType.Any], [Float], ConvInputGradientKernel.Run),
        new(MaxPoolGradient, [Float, Float, Float], [Float], MaxPoolGradientKernel.Run),
        new(WeightsInBlocks, [Float], [Float], WeightKernels.InBlocks),
        new(TurnWeights, [Float], [Float], WeightKernels.Turn),
    ];

    private static readonly Operator[] All = [.. Plain.Select(plain => plain with { Overwritten = null }), .. Plain.Where(plain => plain.Overwritten is not null).Select(plain => plain with { Name = plain.Name + InPlace })];

    private static readonly Lazy<nint> Registered = new(Register);

    /// <summary>Whether this process has them: an ONNX Runtime that knows such operators, on the processor.</summary>
    public static bool AreThere => ExecutionProvider.IsDefault && Registered.Value != 0;

    /// <summary>Whether a node of ours is the same in any layout: those that may write over what they read go through it value by value.</summary>
    public static bool IsElementwise(Node node) => Overwritten(node) is not null;

    /// <summary>The output with the places of values that a node of ours puts on a grid; null: there is none.</summary>
    public static string? Places(Node node) => node.Domain == Domain && node.Op == Quantize && node.Outputs is [_, { Length: > 0 } places] ? places : null;

    /// <summary>The input of a node of ours whose place the first output may take; null: there is none.</summary>
    public static int? Overwritten(Node node) => node.Domain == Domain ? Array.Find(Plain, plain => plain.Name == node.Op)?.Overwritten : null;

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
            var added = All[number];
            if (!OperatorApi.Add(domain, NativeOperator.Of(added.Name, added.Inputs, added.Outputs, number, added.Overwritten))) return 0;
        }
        return domain;
    }

    /// <param name="Overwritten">See <see cref="NativeOperator.Of"/>.</param>
    private sealed record Operator(string Name, ElementType[] Inputs, ElementType[] Outputs, Kernel Compute, int? Overwritten = null);
}
