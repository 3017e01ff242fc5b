using Compress.Graph;

namespace Compress.Runtime.Operators;

/// <summary>A run of an operator of our own: its inputs and outputs. <see cref="Status"/> tells ONNX Runtime of the first failure.</summary>
internal unsafe ref struct KernelCall(nint context)
{
    public nint Status { get; private set; }

    public ReadOnlySpan<float> Input(int index) => Values(Take(OperatorApi.Input(context, index, out var value)) ? value : 0);

    /// <summary>A grid, from two inputs: its step and its bounds.</summary>
    public GridOnLoad Grid(int index) => new(Input(index)[0], Input(index + 1));

    /// <summary>A grid with the values that it was put on, from three inputs.</summary>
    public GridOnGradient GridOf(int index) => new(Input(index), Input(index + 1)[0], Input(index + 2));

    /// <summary>The dimensions of an input.</summary>
    public long[] Dims(int index) => Take(OperatorApi.Input(context, index, out var value)) && Take(OperatorApi.Dims(value, out var dims)) ? dims : [];

    /// <summary>Makes an output; none of its dimensions: a number.</summary>
    public Span<float> Output(int index, params ReadOnlySpan<long> dims) => Values(Take(OperatorApi.Output(context, index, dims, out var value)) ? value : 0);

    /// <exception cref="InvalidOperationException">There are none, see <see cref="Status"/>: kernels that go by addresses must not go on.</exception>
    private Span<float> Values(nint value)
    {
        if (value == 0 || !Take(OperatorApi.Dims(value, out var dims)) || !Take(OperatorApi.Data(value, out var first))) throw new InvalidOperationException("no tensor");
        return new Span<float>(first, checked((int)Tensor.ElementCount(dims)));
    }

    private bool Take(nint status)
    {
        if (Status == 0) Status = status;
        else OperatorApi.Release(status);
        return status == 0;
    }
}
