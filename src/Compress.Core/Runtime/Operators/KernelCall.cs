using Compress.Graph;

namespace Compress.Runtime.Operators;

/// <summary>A run of an operator of our own: its inputs and outputs. <see cref="Status"/> tells ONNX Runtime of the first failure.</summary>
internal unsafe ref struct KernelCall(nint context)
{
    public nint Status { get; private set; }

    public ReadOnlySpan<float> Input(int index) => Read<float>(index);

    /// <summary>Places of values on a grid.</summary>
    public ReadOnlySpan<ushort> Places(int index) => Read<ushort>(index);

    /// <summary>From two inputs: its step and its bounds.</summary>
    public Grid Grid(int index) => Operators.Grid.Of(Input(index)[0], Input(index + 1));

    /// <summary>The dimensions of an input.</summary>
    public long[] Dims(int index) => Take(OperatorApi.Input(context, index, out var value)) && Take(OperatorApi.Dims(value, out var dims)) ? dims : [];

    /// <summary>Makes an output; none of its dimensions: a number.</summary>
    public Span<float> Output(int index, params scoped ReadOnlySpan<long> dims) => Values<float>(Made(index, dims));

    /// <summary>An output for places; empty if nobody asks for it.</summary>
    public Span<ushort> PlacesOutput(int index, params scoped ReadOnlySpan<long> dims) => Made(index, dims) is not 0 and var value ? Values<ushort>(value) : [];

    private ReadOnlySpan<T> Read<T>(int index) where T : unmanaged => Values<T>(Take(OperatorApi.Input(context, index, out var value)) ? value : 0);

    private nint Made(int index, scoped ReadOnlySpan<long> dims) => Take(OperatorApi.Output(context, index, dims, out var value)) ? value : 0;

    /// <exception cref="InvalidOperationException">There are none, see <see cref="Status"/>: kernels that go by addresses must not go on.</exception>
    private Span<T> Values<T>(nint value) where T : unmanaged
    {
        if (value == 0 || !Take(OperatorApi.Dims(value, out var dims)) || !Take(OperatorApi.Data(value, out var first))) throw new InvalidOperationException("no tensor");
        return new Span<T>(first, checked((int)Tensor.ElementCount(dims)));
    }

    private bool Take(nint status)
    {
        if (Status == 0) Status = status;
        else OperatorApi.Release(status);
        return status == 0;
    }
}
