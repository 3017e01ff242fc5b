using System.Diagnostics;
using Compress.Data;
using Compress.Diagnostics;

namespace Compress.Training;

/// <summary>Steps over the samples, until as many passes are done as the settings ask for or their minutes are up; what has come so far is told of and kept.</summary>
internal sealed class TrainingLoop
{
    /// <summary>Share of a training after which it is told of and kept: small sets have thousands of epochs, and an epoch of a large one can take hours.</summary>
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
        var (first, from) = Resume();
        for (var epoch = first; Progress < 1; (epoch, from) = (epoch + 1, 0))
        {
            // Behind the first epoch it is known how long one takes: a training that ends with the next has no use for all that the float model knows. One that goes on decides as it did.
            if (epoch == Math.Max(1, first) && Progress / (epoch + ((double)from / stepsAnEpoch)) <= 0.5) run.TeachAll(set, cancellation);
            backtracking?.BeginPass();
            var loss = Pass(epoch, from, cancellation);
            if (backtracking?.EndPass(loss, Progress) == false)
            {
                reporter.Stage($"ended after epoch {epoch + 1}: it gains nothing");
                break;
            }
            if (Progress >= 1 || IsDue) TellAndKeep(epoch + 1, 0, loss);
        }
        backtracking?.Finish();
    }

    /// <summary>The mean loss of an epoch.</summary>
    /// <param name="from">Steps of it that were done before.</param>
    private double Pass(int epoch, int from, CancellationToken cancellation)
    {
        var (loss, before) = (0.0, done);
        foreach (var batch in set.Epoch(settings.Seed, epoch).Chunk(shardsABatch).Skip(from))
        {
            cancellation.ThrowIfCancellationRequested();
            var within = from + done - before;
            if (batch.Length < shardsABatch && within > 0 && backtracking is null) break;
            if (Progress >= 1) break;
            // Before a step and not behind it: the end of an epoch is told of as such.
            if (done > before && backtracking is null && IsDue) TellAndKeep(epoch, within, loss / (done - before));
            loss += run.Step(batch, done, Progress, backtracking?.Scale ?? 1, cancellation);
            done++;
            if (backtracking is null && !double.IsFinite(loss)) throw Diverged();
            reporter.Progress(Math.Min(1, Progress));
        }
        CheckFinite();
        return loss / Math.Max(1, done - before);
    }

    private bool IsDue => Progress >= told + Mark;

    /// <summary>The loss is that before a step: the last step's is nobody's.</summary>
    private void CheckFinite()
    {
        if (backtracking is null && !run.IsFinite) throw Diverged();
    }

    private CompressionException Diverged() => Codes.TrainingDiverged(done, settings.Rate).Error();

    /// <param name="epoch">Epochs that are over.</param>
    /// <param name="within">Steps of the one that is not.</param>
    private void TellAndKeep(int epoch, int within, double loss)
    {
        CheckFinite();
        told = Progress;
        var part = within > 0 ? FormattableString.Invariant($"{100.0 * within / stepsAnEpoch:0} % of epoch {epoch + 1}") : $"epoch {epoch}";
        var left = TimeSpan.FromSeconds(Math.Round(Seconds * ((1 / Math.Min(1, told)) - 1)));
        reporter.Stage(FormattableString.Invariant($"trained {part}: loss {loss:0.#####}, {left:h\\:mm\\:ss} left"));
        if (TrainingState.Fits(run.Trained)) checkpoints.Save(++kept, () => new TrainingState(epoch, within, done, Seconds).Write(run.Trained));
    }

    /// <summary>Puts the state back that was kept last; earlier ones may be gone.</summary>
    /// <returns>Epochs that are over, and steps of the next one.</returns>
    private (int Epoch, int Within) Resume()
    {
        TrainingState state = default;
        for (var number = MostMarks; number > 0 && state == default; number--)
            if (checkpoints.Load(number) is { } bytes && TrainingState.Read(bytes, run.Trained) is { } found) (state, kept) = (found, number);
        (done, earlier) = (state.Steps, state.Seconds);
        told = Progress;
        if (state.Steps > 0) reporter.Stage(state.Within > 0 ? $"going on within epoch {state.Epoch + 1}" : $"going on after epoch {state.Epoch}");
        return (state.Epoch, state.Within);
    }
}
