using Compress.Data;
using Compress.Diagnostics;
using Compress.Emit;
using Compress.Runtime;

namespace Compress;

/// <summary>The main flow: read, look for an earlier result, else search or apply the locked plan; judge, emit.</summary>
public static class Compressor
{
    /// <exception cref="CompressionException">Expected failures, coded.</exception>
    public static CompressionResult Run(CompressionRequest request, CancellationToken cancellation = default)
    {
        var log = new WarningLog(request.Reporter);
        request = request with { Reporter = log };
        Concurrent.Allow(request.Threads);
        // The frameworks of a project build at the same time.
        using var turn = Turn(request, cancellation);
        var inputs = CompressionInputs.Read(request, cancellation);
        OutputFiles.Check(OutputFiles.Of(request.Output, request.Report, request.WorkFolder), inputs.Files.Select(file => (file, "what is read")));
        var cache = new OutcomeCache(request, inputs.Fingerprints);
        var locked = Locked(request, inputs.Fingerprints);

        if (locked is not null && !request.Locked && TrainingJob.IsLost(locked, cache)) locked = null;
        var outcome = cache.Find(locked?.Plan);
        if (outcome is not null)
        {
            log.Stage($"{Path.GetFileName(request.Policy.Model.Value)}: found in the cache");
            log.Repeat(outcome.Report.Warnings, request.Policy.Model.Location);
        }
        else
        {
            outcome = CompressionJob.Run(request, inputs, cache, locked, cancellation);
            outcome = outcome with { Report = outcome.Report with { Warnings = log.Lines } };
            // What a search gave that had to hurry is not what the search gives.
            if (request.SearchTime is null || locked is not null) outcome = cache.Keep(outcome, locked?.Plan);
        }

        if (request.Policy.Runtime is null && RuntimeVersions.Check(outcome.Model, request.ReferencedRuntime, request.Policy.Model.Location) is { } tooOld) throw tooOld.Error();
        var misses = Verdict.Of(request.Policy, outcome.Report, OutputFiles.CandidatePath(request));
        foreach (var miss in misses) log.Report(miss);
        var passed = misses.All(miss => miss.Severity != Severity.Error);
        var report = outcome.Report with { Warnings = log.Lines };

        cancellation.ThrowIfCancellationRequested();
        var output = OutputFiles.Write(request, outcome.Model, report, passed);
        if (passed) Keep(request, inputs.Fingerprints, outcome, cache.Trained, locked);
        return new CompressionResult(passed, output, report, inputs.Files);
    }

    /// <summary>Waits for builds under the same policy that keep what they find in the same place: the first one searches, the others find what it found.</summary>
    private static IDisposable? Turn(CompressionRequest request, CancellationToken cancellation) => request is { CacheFolder: null, LockFile: null } ? null : FileLock.Wait(
        string.Join('|', [CanonicalPolicy.Of(request.Policy, request.Folder).ToJsonString(), .. new[] { request.Policy.Model.Value, request.CacheFolder, request.LockFile }.OfType<string>().Select(Path.GetFullPath)]),
        () => request.Reporter.Stage($"{Path.GetFileName(request.Policy.Model.Value)}: waiting for another build that compresses it in the same way"),
        Codes.CommandWaitsForItself(request.Policy.Where("accuracy.command")),
        cancellation);

    /// <summary>The plan that the lock file holds for just these inputs; null: none that a search could not better.</summary>
    private static LockEntry? Locked(CompressionRequest request, LockInputs inputs)
    {
        var entry = request.LockFile is { } file ? LockFile.Find(file, LockFile.Key(file, request.Policy, request.PolicyFile), inputs, request.Locked) : null;
        // From a machine that could not run the model: this one may.
        return entry?.Figures?["latency"] is null && !request.Locked ? null : entry;
    }

    /// <summary>What a later build needs to give the same again.</summary>
    private static void Keep(CompressionRequest request, LockInputs inputs, Outcome outcome, TrainedStore trained, LockEntry? locked)
    {
        try
        {
            if (outcome.Plan.Trained is { } weights) trained.Save(weights);
            if (request.LockFile is not { } file || locked is not null) return;
            var entry = new LockEntry(inputs, Plan.PlanJson.Write(outcome.Plan), outcome.Figures(), Fingerprint.Of(outcome.Model));
            // A new one is not newer than any result that is made from the policy, also by builds that run at the same time.
            LockFile.Write(file, LockFile.Key(file, request.Policy, request.PolicyFile), entry, request.PolicyFile is { } policy ? File.GetLastWriteTimeUtc(policy) : null);
        }
        catch
        {
            OutputFiles.TakeBack(request);
            throw;
        }
    }
}
