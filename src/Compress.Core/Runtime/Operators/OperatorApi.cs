using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Compress.Runtime.Operators;

/// <summary>
/// The part of ONNX Runtime's C interface that operators of one's own need: its .NET binding takes them from native libraries alone. Functions keep their places in the table
/// for good (onnxruntime_c_api.h, OrtApi). Those that can fail give a status, 0 if they did not.
/// </summary>
internal static unsafe class OperatorApi
{
    /// <summary>The first version whose kernels can write over an input (<see cref="NativeOperator"/>).</summary>
    public const uint Version = 18;

    private const int CreateStatus = 0, CreateCustomOpDomain = 26, CustomOpDomainAdd = 27, AddCustomOpDomain = 28, GetTensorMutableData = 51, GetDimensionsCount = 61, GetDimensions = 62,
        GetTensorTypeAndShape = 65, KernelContextGetInput = 90, KernelContextGetOutput = 91, ReleaseStatus = 93, ReleaseTensorTypeAndShapeInfo = 99;

    private static readonly nint* Table = (nint*)NativeRuntime.Api(Version);

    public static bool IsThere => Table is not null;

    /// <summary>A domain that is never given back: sessions refer to it.</summary>
    /// <param name="name">In ASCII, ended by 0, as long as the process lives.</param>
    public static nint CreateDomain(nint name)
    {
        nint domain = 0;
        return Succeeds(((delegate* unmanaged<nint, nint*, nint>)Table[CreateCustomOpDomain])(name, &domain)) ? domain : 0;
    }

    public static bool Add(nint domain, NativeOperator* added) => Succeeds(((delegate* unmanaged<nint, NativeOperator*, nint>)Table[CustomOpDomainAdd])(domain, added));

    public static bool Add(SessionOptions options, nint domain) => Succeeds(((delegate* unmanaged<nint, nint, nint>)Table[AddCustomOpDomain])(options.DangerousGetHandle(), domain));

    /// <summary>An input of the operator that runs.</summary>
    public static nint Input(nint context, int index, out nint value)
    {
        fixed (nint* found = &value) return ((delegate* unmanaged<nint, nuint, nint*, nint>)Table[KernelContextGetInput])(context, (nuint)index, found);
    }

    /// <summary>Makes an output of the operator that runs; 0 for one that nobody asks for.</summary>
    public static nint Output(nint context, int index, ReadOnlySpan<long> dims, out nint value)
    {
        fixed (long* sizes = dims)
        fixed (nint* made = &value) return ((delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)Table[KernelContextGetOutput])(context, (nuint)index, sizes, (nuint)dims.Length, made);
    }

    public static nint Data(nint value, out void* first)
    {
        fixed (void** found = &first) return ((delegate* unmanaged<nint, void**, nint>)Table[GetTensorMutableData])(value, found);
    }

    public static nint Dims(nint value, out long[] dims)
    {
        dims = [];
        nint shape = 0;
        nuint rank = 0;
        var status = ((delegate* unmanaged<nint, nint*, nint>)Table[GetTensorTypeAndShape])(value, &shape);
        if (status != 0) return status;
        status = ((delegate* unmanaged<nint, nuint*, nint>)Table[GetDimensionsCount])(shape, &rank);
        if (status == 0)
        {
            dims = new long[rank];
            fixed (long* sizes = dims) status = ((delegate* unmanaged<nint, long*, nuint, nint>)Table[GetDimensions])(shape, sizes, rank);
        }
        ((delegate* unmanaged<nint, void>)Table[ReleaseTensorTypeAndShapeInfo])(shape);
        return status;
    }

    /// <summary>A status that tells of a failure.</summary>
    public static nint Failure(string message)
    {
        const int Fail = 1;
        var text = Marshal.StringToCoTaskMemUTF8(message);
        var status = ((delegate* unmanaged<int, nint, nint>)Table[CreateStatus])(Fail, text); // copies it
        Marshal.FreeCoTaskMem(text);
        return status;
    }

    /// <summary>Gives a status back that nobody is told of.</summary>
    public static void Release(nint status)
    {
        if (status != 0) ((delegate* unmanaged<nint, void>)Table[ReleaseStatus])(status);
    }

    private static bool Succeeds(nint status)
    {
        Release(status);
        return status == 0;
    }
}
