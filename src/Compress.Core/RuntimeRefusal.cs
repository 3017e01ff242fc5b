using Compress.Diagnostics;
using Compress.Graph;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search;

namespace Compress;

/// <summary>That ONNX Runtime takes no model, or fails to run one: whose fault it is, and what to try then.</summary>
internal static class RuntimeRefusal
{
    /// <summary>Whether ONNX Runtime refused a model or failed to run it.</summary>
    public static bool Is(CompressionException e) => e.Diagnostic.Code is "CMP2007" or "CMP2008";

    /// <summary>
    /// Whether a valid model fails only on this machine: for want of a library with the application's operators, or of kernels for a type on the processor
    /// (bfloat16 is for accelerators).
    /// </summary>
    public static bool NeedsAnotherMachine(CompressionException e, OnnxModel model) =>
        Is(e) && (model.ForeignDomains().Any() || e.Diagnostic.Message.Contains("NotImplemented", StringComparison.Ordinal) || e.Diagnostic.Message.Contains("Could not find an implementation", StringComparison.Ordinal));

    /// <summary>
    /// A search whose models ONNX Runtime takes: where it refuses one (an old library that the policy names), the search is done again with float arithmetic.
    /// What fails with the float model too is the samples' fault and stays an error.
    /// </summary>
    /// <returns>Null, with a warning, when ONNX Runtime takes none.</returns>
    public static (Candidate? Found, string? Refused) Retried(Func<SearchContext, Candidate?> find, SearchContext search)
    {
        search.Evaluator?.MeasureFloat(search.Cancellation);
        var refused = "";
        foreach (var attempt in (SearchContext[])[search, search with { Policy = search.Policy with { Target = Target.WeightOnly } }])
        {
            try
            {
                return (find(attempt), null);
            }
            catch (CompressionException e) when (Is(e) && Runs(search))
            {
                refused = Reason(e);
                search.Reporter.Stage($"ONNX Runtime does not take a compressed model: {refused}");
            }
        }
        return (null, refused);
    }

    private static bool Runs(SearchContext search)
    {
        using var session = new Session(search.Facts.Model, new SessionSettings(search.Threads));
        try
        {
            foreach (var batch in search.Facts.Samples) session.Run(batch.Inputs);
            return true;
        }
        catch (CompressionException)
        {
            return false;
        }
    }

    /// <summary>In ONNX Runtime's own words.</summary>
    public static string Reason(CompressionException e) => e.InnerException?.Message.Split('\n')[0] ?? e.Diagnostic.Message;
}
