using System.Diagnostics;
using Compress.Data;
using Compress.Diagnostics;

namespace Compress.Training;

/// <summary>Steps over the samples, until as many passes are done as the settings ask for or their minutes are up; what has come so far is told of and kept.</summary>
internal sealed class TrainingLoop
{
    /// <summary>Share of a training after which it is told of and kept, at the end of an epoch: small sets have thousands of epochs.</summary>
    private const double Mark = 0.05;

    /// <summary>States that one training can leave: one a mark, one at its end, and one to spare for rounding.</summary>
    private const int MostMarks = 2 + (int)(1 / Mark);

    private readonly TrainingRun run;
    private readonly TrainingSet set;
    private readonly TrainingSettings settings;
    private readonly IReporter reporter;
    private readonly Checkpoints checkpoints;
    private readonly Backtracking? backtracking;
    private readonly int shardsABatch, stepsAnEpoch;
    private readonly double epochs;
    private readonly Stopwatch clock = Stopwatch.StartNew();

    private double earlier, told;
    private int done, kept;

    public TrainingLoop(TrainingRun run, TrainingSet set, TrainingSettings settings, IReporter reporter, Checkpoints checkpoints)
    {
        (this.run, this.set, this.settings, this.reporter, this.checkpoints) = (run, set, settings, reporter, checkpoints);
        backtracking = settings.Backtracks ? new Backtracking(run.Trained) : null;
        shardsABatch = Math.Max(1, settings.BatchSize / set.Shard);
        // Passes are only comparable where each sees all samples.
        stepsAnEpoch = Math.Max(1, settings.Backtracks ? (set.Shards + shardsABatch - 1) / shardsABatch : set.Shards / shardsABatch);
        epochs = settings.Epochs ?? (settings.Minutes is null ? TrainingSettings.DefaultEpochs : double.PositiveInfinity);
    }

    private double Seconds => earlier + clock.Elapsed.TotalSeconds;

    /// <summary>0 to 1 and beyond.</summary>
    private double Progress => Math.Max(done / (epochs * stepsAnEpoch), settings.Minutes is { } minutes ? Seconds / 60 / minutes : 0);

    /// <exception cref="CompressionException">CMP4506: the loss or what is trained is no number any more.</exception>
    public void Run(CancellationToken cancellation)
    {
        var first = Resume().Epoch;
        for (var epoch = first; Progress < 1; epoch++)
        {
            // A training that is about to end has no use for all that the float model knows.
            if (epoch == Math.Max(1, first) && 1 - Progress >= Progress / epoch) run.TeachAll(set, cancellation);
            backtracking?.BeginPass();
            var loss = Pass(epoch, cancellation);
            if (backtracking?.EndPass(loss, Progress) == false)
            {
                reporter.Stage($"ended after epoch {epoch + 1}: it gains nothing");
                break;
            }
            if (Progress is var now && (now >= 1 || now >= told + Mark)) Tell(epoch, loss);
        }
        backtracking?.Finish();
    }

    /// <summary>The mean loss of an epoch.</summary>
    private double Pass(int epoch, CancellationToken cancellation)
    {
        var (loss, before) = (0.0, done);
        foreach (var batch in set.Epoch(settings.Seed, epoch).Chunk(shardsABatch))
        {
            cancellation.ThrowIfCancellationRequested();
            if (batch.Length < shardsABatch && done > before && backtracking is null) break;
            if (Progress >= 1) break;
            loss += run.Step(batch, done, Progress, backtracking?.Scale ?? 1, cancellation);
            done++;
            if (backtracking is null && !double.IsFinite(loss)) throw Diverged();
            reporter.Progress(Math.Min(1, Progress));
        }
        // The loss is that before a step: the last step's is nobody's.
        if (backtracking is null && !run.IsFinite) throw Diverged();
        return loss / Math.Max(1, done - before);
    }

    private CompressionException Diverged() => Codes.TrainingDiverged(done, settings.Rate).Error();

    private void Tell(int epoch, double loss)
    {
        told = Progress;
        var left = TimeSpan.FromSeconds(Math.Round(Seconds * ((1 / Math.Min(1, told)) - 1)));
        reporter.Stage(FormattableString.Invariant($"trained epoch {epoch + 1}: loss {loss:0.#####}, {left:h\\:mm\\:ss} left"));
        if (TrainingState.Fits(run.Trained)) checkpoints.Save(++kept, () => new TrainingState(epoch + 1, done, Seconds).Write(run.Trained));
    }

    /// <summary>Puts the state back that was kept last; earlier ones may be gone.</summary>
    private TrainingState Resume()
    {
        TrainingState state = default;
        for (var number = MostMarks; number > 0 && state == default; number--)
            if (checkpoints.Load(number) is { } bytes && TrainingState.Read(bytes, run.Trained) is { } found) (state, kept) = (found, number);
        (done, earlier) = (state.Steps, state.Seconds);
        told = Progress;
        if (state.Epoch > 0) reporter.Stage($"going on after epoch {state.Epoch}");
        return state;
    }
}
