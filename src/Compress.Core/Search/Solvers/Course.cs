namespace Compress.Search.Solvers;

/// <summary>What accompanies a long loop: it tells how far it is, ends at once when it is cancelled, and with what it has when it was enough.</summary>
/// <param name="Cancellation">Nobody wants the result any more.</param>
/// <param name="Enough">The best so far will do.</param>
/// <param name="Progress">Told from 0 to 1.</param>
public sealed record Course(CancellationToken Cancellation = default, CancellationToken Enough = default, Action<double>? Progress = null)
{
    public static readonly Course Quiet = new();

    /// <summary>Asked before each step.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public bool GoesOn(double done)
    {
        Cancellation.ThrowIfCancellationRequested();
        Progress?.Invoke(done);
        return !Enough.IsCancellationRequested;
    }

    /// <summary>The course of part <paramref name="index"/> of several that take as long as each other.</summary>
    public Course Part(int index, int parts) => this with { Progress = Progress is { } whole ? done => whole((index + done) / parts) : null };
}
