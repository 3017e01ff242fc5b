using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Compress.Runtime.Operators;

/// <summary>
/// ONNX Runtime's description of an operator of one's own (onnxruntime_c_api.h, OrtCustomOp, as of version 16), and behind it what our functions need to know about it. All its
/// inputs and outputs are tensors of float32 that must be given. It has no state: the description stands for the kernel.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeOperator
{
    private const int Float = 1, Required = 0, DefaultMemory = 0;

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
    private nint inferShapes;

    private nint name;
    private nuint inputs, outputs;
    private int number;

    /// <summary>A description that lasts as long as the process.</summary>
    /// <param name="number">Its place in <see cref="OwnOperators"/>.</param>
    public static NativeOperator* Of(string name, int inputs, int outputs, int number)
    {
        var made = (NativeOperator*)NativeMemory.AllocZeroed((nuint)sizeof(NativeOperator));
        (made->name, made->inputs, made->outputs, made->number) = (Marshal.StringToCoTaskMemUTF8(name), (nuint)inputs, (nuint)outputs, number);
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
}
