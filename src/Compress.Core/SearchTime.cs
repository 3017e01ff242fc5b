using System.Diagnostics;

namespace Compress;

/// <summary>The time that a search may take: it ends with what it has, and parts of it get their share.</summary>
/// <param name="whole">Null: as long as it takes.</param>
internal sealed class SearchTime(TimeSpan? whole) : IDisposable
{
    private readonly CancellationTokenSource enough = new(whole ?? Timeout.InfiniteTimeSpan);
    private readonly Stopwatch clock = Stopwatch.StartNew();

    /// <summary>Says when it is over.</summary>
    public CancellationToken Enough => enough.Token;

    /// <summary>For one of several parts that are still to come: as much of what is left as for each of the others.</summary>
    public CancellationTokenSource Share(int parts)
    {
        var share = CancellationTokenSource.CreateLinkedTokenSource(Enough);
        if (whole is { } time && time > clock.Elapsed) share.CancelAfter((time - clock.Elapsed) / parts);
        return share;
    }

    public void Dispose() => enough.Dispose();
}
