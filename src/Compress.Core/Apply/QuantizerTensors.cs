using Compress.Graph;
using Compress.Plan;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Apply;

/// <summary>A grid's numbers as tensors.</summary>
internal static class QuantizerTensors
{
    extension(Quantizer grid)
    {
        /// <summary>The grid lies in the low end of a wider type.</summary>
        public bool NeedsBound => grid.Bits is not (8 or 16);

        /// <summary>A number of the grid as a scalar of its storage type.</summary>
        public Tensor Integer(int value) => grid.Bits > 8
            ? new Tensor(DataType.Uint16, [], BitConverter.GetBytes((ushort)value))
            : new Tensor(DataType.Uint8, [], [(byte)value]);
    }
}
