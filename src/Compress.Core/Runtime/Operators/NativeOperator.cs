using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Compress.Runtime.Operators;

/// <summary>Types of elements (ONNXTensorElementDataType).</summary>
internal enum ElementType
{
    Any = 0,
    Float = 1,
    UInt16 = 4,
}

/// <summary>
/// ONNX Runtime's description of an operator of one's own (onnxruntime_c_api.h, OrtCustomOp, as of version 18), and behind it what our functions need to know about it. All its
/// inputs must be given, and the first of its outputs must be asked for. It has no state: the description stands for the kernel.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeOperator
{
    private const int Required = 0, Optional = 1, DefaultMemory = 0;

    /// <summary>An input whose place the first output takes, and that output.</summary>
    private static readonly int* First = Lasting(0, 0), Fourth = Lasting(3, 0);

    private uint version;
    private delegate* unmanaged<NativeOperator*, nint, nint, NativeOperator*> createKernel;
    private delegate* unmanaged<NativeOperator*, nint> getName;
    private delegate* unmanaged<NativeOperator*, nint> getExecutionProvider;
    private delegate* unmanaged<NativeOperator*, nuint, int> getInputType;
    private delegate* unmanaged<NativeOperator*, nuint> getInputCount;
    private delegate* unmanaged<NativeOperator*, nuint, int> getOutputType;
    private delegate* unmanaged<NativeOperator*, nuint> getOutputCount;
    private nint compute;
    private delegate* unmanaged<NativeOperator*, void> destroyKernel;
    private delegate* unmanaged<NativeOperator*, nuint, int> getInputCharacteristic;
    private delegate* unmanaged<NativeOperator*, nuint, int> getOutputCharacteristic;
    private delegate* unmanaged<NativeOperator*, nuint, int> getInputMemory;
    private delegate* unmanaged<NativeOperator*, int> getVariadicInputLeast, getVariadicInputAlike, getVariadicOutputLeast, getVariadicOutputAlike;
    private delegate* unmanaged<NativeOperator*, nint, nint, NativeOperator**, nint> createKernelOrFail;
    private delegate* unmanaged<NativeOperator*, nint, nint> computeOrFail;
    private delegate* unmanaged<NativeOperator*, nint, nint> inferShapes;
    private delegate* unmanaged<NativeOperator*, int> getFirstVersion, getLastVersion;
    private delegate* unmanaged<int**, int**, nuint> getInPlace;
    private delegate* unmanaged<int*, int*, void> releaseInPlace;
    private delegate* unmanaged<int**, int**, nuint> getAliases;
    private delegate* unmanaged<int*, int*, void> releaseAliases;

    private nint name;
    private nuint inputs, outputs;
    private int* inputTypes, outputTypes;
    private int number;

    /// <summary>A description that lasts as long as the process.</summary>
    /// <param name="number">Its place in <see cref="OwnOperators"/>.</param>
    /// <param name="inputs">Their types.</param>
    /// <param name="overwritten">The input whose place the first output takes, whoever else reads it: the first or the fourth. Null: none.</param>
    public static NativeOperator* Of(string name, ReadOnlySpan<ElementType> inputs, ReadOnlySpan<ElementType> outputs, int number, int? overwritten)
    {
        var made = (NativeOperator*)NativeMemory.AllocZeroed((nuint)sizeof(NativeOperator));
        (made->name, made->inputs, made->outputs, made->number) = (Marshal.StringToCoTaskMemUTF8(name), (nuint)inputs.Length, (nuint)outputs.Length, number);
        made->inputTypes = Lasting(MemoryMarshal.Cast<ElementType, int>(inputs));
        made->outputTypes = Lasting(MemoryMarshal.Cast<ElementType, int>(outputs));
        made->version = OperatorApi.Version;
        made->createKernel = &Create;
        made->getName = &Name;
        made->getExecutionProvider = &Zero;
        made->getInputType = &InputType;
        made->getOutputType = &OutputType;
        made->getInputCount = &InputCount;
        made->getOutputCount = &OutputCount;
        made->destroyKernel = &Destroy;
        made->getInputCharacteristic = &IsRequired;
        made->getOutputCharacteristic = &IsFirstRequired;
        made->getInputMemory = &IsDefaultMemory;
        made->getVariadicInputLeast = made->getVariadicInputAlike = made->getVariadicOutputLeast = made->getVariadicOutputAlike = &One;
        made->createKernelOrFail = &CreateOrFail;
        made->computeOrFail = &Compute;
        made->getFirstVersion = &One;
        made->getLastVersion = &Last;
        made->getInPlace = &Nothing;
        made->getAliases = overwritten switch { null => &Nothing, 0 => &OverFirst, _ => &OverFourth };
        made->releaseInPlace = made->releaseAliases = &Release;
        return made;
    }

    [UnmanagedCallersOnly]
    private static NativeOperator* Create(NativeOperator* self, nint api, nint info) => self;

    [UnmanagedCallersOnly]
    private static nint CreateOrFail(NativeOperator* self, nint api, nint info, NativeOperator** kernel)
    {
        *kernel = self;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static nint Compute(NativeOperator* self, nint context) => OwnOperators.Run(self->number, new KernelCall(context));

    [UnmanagedCallersOnly]
    private static void Destroy(NativeOperator* self) { }

    [UnmanagedCallersOnly]
    private static nint Name(NativeOperator* self) => self->name;

    [UnmanagedCallersOnly]
    private static int Last(NativeOperator* self) => int.MaxValue;

    [UnmanagedCallersOnly]
    private static nuint OverFirst(int** inputs, int** outputs) => Alias(First, inputs, outputs);

    [UnmanagedCallersOnly]
    private static nuint OverFourth(int** inputs, int** outputs) => Alias(Fourth, inputs, outputs);

    private static nuint Alias(int* pair, int** inputs, int** outputs)
    {
        *inputs = pair;
        *outputs = pair + 1;
        return 1;
    }

    [UnmanagedCallersOnly]
    private static nuint Nothing(int** inputs, int** outputs) => 0;

    [UnmanagedCallersOnly]
    private static void Release(int* inputs, int* outputs) { }

    [UnmanagedCallersOnly]
    private static nint Zero(NativeOperator* self) => 0;

    [UnmanagedCallersOnly]
    private static int One(NativeOperator* self) => 1;

    [UnmanagedCallersOnly]
    private static nuint InputCount(NativeOperator* self) => self->inputs;

    [UnmanagedCallersOnly]
    private static nuint OutputCount(NativeOperator* self) => self->outputs;

    [UnmanagedCallersOnly]
    private static int InputType(NativeOperator* self, nuint index) => self->inputTypes[index];

    [UnmanagedCallersOnly]
    private static int OutputType(NativeOperator* self, nuint index) => self->outputTypes[index];

    [UnmanagedCallersOnly]
    private static int IsRequired(NativeOperator* self, nuint index) => Required;

    [UnmanagedCallersOnly]
    private static int IsFirstRequired(NativeOperator* self, nuint index) => index == 0 ? Required : Optional;

    [UnmanagedCallersOnly]
    private static int IsDefaultMemory(NativeOperator* self, nuint index) => DefaultMemory;

    private static int* Lasting(params ReadOnlySpan<int> numbers)
    {
        var made = (int*)NativeMemory.Alloc((nuint)numbers.Length, sizeof(int));
        numbers.CopyTo(new Span<int>(made, numbers.Length));
        return made;
    }
}
