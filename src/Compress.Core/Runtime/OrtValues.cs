using System.Runtime.InteropServices;
using Compress.Graph;
using Microsoft.ML.OnnxRuntime;
using Tensor = Compress.Graph.Tensor;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Runtime;

/// <summary>Our tensors as ONNX Runtime's values, and back.</summary>
internal static class OrtValues
{
    public static OrtValue From(Tensor tensor) => tensor.Type switch
    {
        DataType.Float => Over(tensor),
        DataType.String => Strings(tensor),
        _ => Copy(tensor),
    };

    /// <summary>On a float32 tensor's own array.</summary>
    public static OrtValue Over(Tensor tensor) => OrtValue.CreateTensorValueFromMemory(tensor.Floats(), tensor.Dims);

    /// <summary>Null: it is a sequence, a map or an optional.</summary>
    public static Tensor? ToTensor(OrtValue value)
    {
        if (value.OnnxType != OnnxValueType.ONNX_TYPE_TENSOR) return null;
        var info = value.GetTensorTypeAndShape();
        var type = (DataType)info.ElementDataType;
        return type switch
        {
            DataType.Float => Tensor.Of(value.GetTensorDataAsSpan<float>().ToArray(), info.Shape),
            DataType.String => new Tensor(type, info.Shape, []),
            _ => new Tensor(type, info.Shape, value.GetTensorMutableRawData().ToArray()),
        };
    }

    private static OrtValue Copy(Tensor tensor)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.Type, tensor.Dims);
        tensor.Raw.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static OrtValue Strings(Tensor tensor)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Dims);
        for (var i = 0; i < tensor.Strings!.StringData.Count; i++) value.StringTensorSetElementAt(tensor.Strings.StringData[i].Span, i);
        return value;
    }
}
