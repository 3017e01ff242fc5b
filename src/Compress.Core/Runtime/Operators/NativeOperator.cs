using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Compress.Runtime.Operators;

/// <summary>
/// ONNX Runtime's description of an operator of one's own (onnxruntime_c_api.h, OrtCustomOp, as of version 18), and behind it what our functions need to know about it. All its
/// inputs and outputs are tensors of float32 that must be given. It has no state: the description stands for the kernel.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeOperator
{
    /// <summary>The input of a gradient that is overwritten: the gradient before.</summary>
    private const int Overwritten = 3;

    private const int Float = 1, Required = 0, DefaultMemory = 0;

    /// <summary>That input, and the output in its place.</summary>
    private static readonly int* Places = Lasting(Overwritten, 0);

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
    private int number;
    private bool isElementwise;

    /// <summary>A description that lasts as long as the process.</summary>
    /// <param name="number">Its place in <see cref="OwnOperators"/>.</param>
    /// <param name="isElementwise">The first output has the dimensions of the first input.</param>
    /// <param name="overwrites">It may take the place of <see cref="Overwritten"/> too, where nobody else reads that.</param>
    public static NativeOperator* Of(string name, int inputs, int outputs, int number, bool isElementwise, bool overwrites)
    {
        var made = (NativeOperator*)NativeMemory.AllocZeroed((nuint)sizeof(NativeOperator));
        (made->name, made->inputs, made->outputs, made->number, made->isElementwise) = (Marshal.StringToCoTaskMemUTF8(name), (nuint)inputs, (nuint)outputs, number, isElementwise);
        made->version = OperatorApi.Version;
        made->createKernel = &Create;
        made->getName = &Name;
        made->getExecutionProvider = &Zero;
        made->getInputType = made->getOutputType = &IsFloat;
        made->getInputCount = &InputCount;
        made->getOutputCount = &OutputCount;
        made->destroyKernel = &Destroy;
        made->getInputCharacteristic = made->getOutputCharacteristic = &IsRequired;
        made->getInputMemory = &IsDefaultMemory;
        made->getVariadicInputLeast = made->getVariadicInputAlike = made->getVariadicOutputLeast = made->getVariadicOutputAlike = &One;
        made->createKernelOrFail = &CreateOrFail;
        made->computeOrFail = &Compute;
        made->inferShapes = &InferShapes;
        made->getFirstVersion = &One;
        made->getLastVersion = &Last;
        made->getInPlace = overwrites ? &InPlace : &Nothing;
        made->getAliases = &Nothing;
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
    private static nint InferShapes(NativeOperator* self, nint context) => self->isElementwise ? OperatorApi.SizeLike(context, 0) : 0;

    [UnmanagedCallersOnly]
    private static int Last(NativeOperator* self) => int.MaxValue;

    [UnmanagedCallersOnly]
    private static nuint InPlace(int** inputs, int** outputs)
    {
        *inputs = Places;
        *outputs = Places + 1;
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
    private static int IsFloat(NativeOperator* self, nuint index) => Float;

    [UnmanagedCallersOnly]
    private static int IsRequired(NativeOperator* self, nuint index) => Required;

    [UnmanagedCallersOnly]
    private static int IsDefaultMemory(NativeOperator* self, nuint index) => DefaultMemory;

    private static int* Lasting(params ReadOnlySpan<int> numbers)
    {
        var made = (int*)NativeMemory.Alloc((nuint)numbers.Length, sizeof(int));
        numbers.CopyTo(new Span<int>(made, numbers.Length));
        return made;
    }
}
