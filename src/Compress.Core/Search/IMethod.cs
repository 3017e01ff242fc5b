namespace Compress.Search;

/// <summary>A way to decide what becomes of a model. Methods score, propose and search; they share Analysis, Apply and Evaluate.</summary>
public interface IMethod
{
    /// <summary>The best candidate found; whether it meets gate and budget is for the caller to check.</summary>
    Candidate Search(SearchContext context);
}
