namespace Compress.Runtime;

/// <summary>A run of an operator of our own: its inputs and outputs. After a failure spans are empty, and <see cref="Status"/> tells ONNX Runtime of the first one.</summary>
internal unsafe ref struct KernelCall(nint context)
{
    public nint Status { get; private set; }

    public ReadOnlySpan<float> Input(int index) => Values(Take(OperatorApi.Input(context, index, out var value)) ? value : 0);

    /// <summary>An output with the dimensions of an input.</summary>
    public Span<float> OutputLike(int index, int input) =>
        Take(OperatorApi.Input(context, input, out var like)) && Take(OperatorApi.Dims(like, out var dims)) ? Output(index, dims) : [];

    /// <summary>An output of no dimensions.</summary>
    public Span<float> Number(int index) => Output(index, []);

    private Span<float> Output(int index, ReadOnlySpan<long> dims) => Values(Take(OperatorApi.Output(context, index, dims, out var value)) ? value : 0);

    private Span<float> Values(nint value)
    {
        if (value == 0 || !Take(OperatorApi.Dims(value, out var dims)) || !Take(OperatorApi.Data(value, out var first))) return [];
        return new Span<float>(first, (int)Graph.Tensor.ElementCount(dims));
    }

    private bool Take(nint status)
    {
        if (Status == 0) Status = status;
        return status == 0;
    }
}
