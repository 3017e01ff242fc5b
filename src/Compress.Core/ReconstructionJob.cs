using Compress.Diagnostics;
using Compress.Policy;
using Compress.Search;
using Compress.Training;

namespace Compress;

/// <summary>After a search that cut channels for a budget, and wherever the policy asks for it: the plan that was found, reconstructed, where that brings it nearer to the float model.</summary>
internal static class ReconstructionJob
{
    /// <summary>Multiply-accumulates of the float model over all passes, where the policy names no number of passes.</summary>
    private const double MostWork = 5e12;

    /// <summary>Share of the multiply-accumulates up to which enough was cut to be made up for.</summary>
    private const double MostLeft = 0.8;

    /// <summary>Fewer passes than this are not worth the time.</summary>
    private const int FewestPasses = 4;

    /// <summary>Why a model can't be learned from these samples: no gradient, samples that can't be mixed, a graph of gradients that does not run on all of them.</summary>
    private static readonly string[] Impossible = ["CMP2007", "CMP2008", "CMP4501", "CMP4502", "CMP4503", "CMP4504", "CMP4505"];

    /// <returns>The reconstructed candidate; the fitted one where none is asked for, an operator has no gradient, or it is no better.</returns>
    public static Candidate Run(SearchContext search, Candidate found)
    {
        var passes = search.Policy.Reconstruct ?? Passes(search, found);
        if (passes == 0 || found.Plan.ChangesNothing || !search.Facts.HasSamples) return found;
        search.Reporter.Stage($"reconstructing the blocks: {passes} passes over the calibration samples");
        try
        {
            Reconstruction.CheckSamples(search.Facts);
            var fitted = search.Learning.Build(found.Plan with { Grids = found.Plan.Grids.Clear() });
            return Better(search, found, fitted, search.Reconstructed(fitted, passes));
        }
        catch (CompressionException e) when (search.Policy.Reconstruct is null && Impossible.Contains(e.Diagnostic.Code))
        {
            search.Reporter.Stage($"not reconstructed: {e.Diagnostic.Message}");
            return found;
        }
    }

    /// <summary>The one that passes the gate; of two, the one whose outputs are nearer on samples that no weights were fitted to.</summary>
    /// <param name="found">Fitted to all samples: what is kept where the reconstruction is no better.</param>
    /// <param name="fitted">The same, fitted to the samples that the reconstruction learned from.</param>
    private static Candidate Better(SearchContext search, Candidate found, Candidate fitted, Candidate reconstructed)
    {
        var (learned, heldBack) = Reconstruction.Split(search.Facts.Samples);
        var unseen = search with { Facts = search.Facts with { Samples = heldBack.Count > 0 ? heldBack : learned } };
        var (before, after) = (AutoMethod.Damage(unseen, fitted), AutoMethod.Damage(unseen, reconstructed));
        search.Reporter.Stage(FormattableString.Invariant($"divergence on {(heldBack.Count > 0 ? "samples that were held back" : "the same samples, too few to hold any back")}: {before:0.#####} before, {after:0.#####} after"));
        (found, reconstructed) = (search.Measure(found), search.Measure(reconstructed));
        return found.Passes != reconstructed.Passes ? found.Passes ? found : reconstructed : after < before ? reconstructed : found;
    }

    /// <summary>A budget is the wish for much compression, and a method that goes its own way stays on it. What rounding alone took is not given back by gradients, and a missed budget not made good.</summary>
    private static int Passes(SearchContext search, Candidate found)
    {
        var samples = search.Facts.Samples.Sum(batch => batch.Samples);
        if (search.Policy is not { Budget: not null, Method.Value: Method.Auto, Train: null } || samples < Reconstruction.HeldBackOf
            || found.Costs.Macs > MostLeft * search.FloatCosts.Macs || search.Missed(found) is not null) return 0;
        var passes = (int)Math.Min(Reconstruction.Passes, MostWork / (search.FloatCosts.Macs * samples));
        return passes < FewestPasses ? 0 : passes;
    }
}
