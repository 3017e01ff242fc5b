using System.Numerics.Tensors;
using Compress.Policy;
using Compress.Runtime;

namespace Compress.Training;

/// <summary>One step of all parameters: Adam (arXiv 1412.6980) with decoupled decay, or SGD with momentum, both in each parameter's own unit.</summary>
internal sealed class Optimizer(OptimizerKind kind, double decay)
{
    private const float First = 0.9f, Second = 0.999f, Momentum = 0.9f, Tiny = 1e-8f;

    /// <param name="number">Steps that were taken before.</param>
    public void Step(IReadOnlyList<Parameter> parameters, int number, double rate)
    {
        Concurrent.Rows([.. parameters.Select(parameter => (parameter.Unit.Length, parameter.RowLength))], (i, from, to) =>
        {
            var room = new float[parameters[i].RowLength];
            for (var row = from; row < to; row++)
            {
                Row own = new(parameters[i], row, room);
                if (kind == OptimizerKind.Adam) Adam(own, (float)rate, number + 1);
                else Sgd(own, (float)rate);
                if (decay != 0 && parameters[i].Decays) TensorPrimitives.Multiply(own.Values, 1 - ((float)rate * (float)decay), own.Values);
            }
        });
    }

    /// <summary>The numbers of a parameter that share a unit, and room for as many.</summary>
    private readonly ref struct Row(Parameter p, int row, float[] room)
    {
        private readonly Range own = (row * p.RowLength)..((row + 1) * p.RowLength);

        public float Unit => p.Unit[row];

        public Span<float> Values => p.Values.AsSpan(own);

        public Span<float> Gradient => p.Gradient.AsSpan(own);

        public Span<float> Mean => p.Mean.AsSpan(own);

        public Span<float> Square => p.Square.AsSpan(own);

        public Span<float> Room => room;

        /// <summary>Takes <see cref="Room"/> away from the values, each by its own pace.</summary>
        public void Move()
        {
            if (p.Pace is { } pace) TensorPrimitives.Multiply(room, pace.AsSpan(own), room);
            TensorPrimitives.Subtract(Values, room, Values);
        }
    }

    /// <param name="steps">With this one.</param>
    private static void Adam(Row row, float rate, int steps)
    {
        var (mean, square) = (1 - MathF.Pow(First, steps), 1 - MathF.Pow(Second, steps));
        var room = row.Room;
        TensorPrimitives.Subtract(row.Gradient, row.Mean, room);
        TensorPrimitives.MultiplyAdd(room, 1 - First, row.Mean, row.Mean);
        TensorPrimitives.Multiply(row.Gradient, row.Gradient, room);
        TensorPrimitives.Subtract(room, row.Square, room);
        TensorPrimitives.MultiplyAdd(room, 1 - Second, row.Square, row.Square);

        TensorPrimitives.Divide(row.Square, square, room);
        TensorPrimitives.Sqrt(room, room);
        TensorPrimitives.Add(room, Tiny, room);
        TensorPrimitives.Divide(row.Mean, room, room);
        TensorPrimitives.Multiply(room, rate * row.Unit / mean, room);
        row.Move();
    }

    /// <summary>A number counts in its unit u, so its gradient counts u-fold, and its step again.</summary>
    private static void Sgd(Row row, float rate)
    {
        TensorPrimitives.MultiplyAdd(row.Mean, Momentum, row.Gradient, row.Mean);
        TensorPrimitives.Multiply(row.Mean, rate * row.Unit * row.Unit, row.Room);
        row.Move();
    }
}
