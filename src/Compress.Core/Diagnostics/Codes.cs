namespace Compress.Diagnostics;

/// <summary>
/// The registry of codes: one named method a code, one file a stage (Codes.Policy.cs …). Codes are never reused.
/// Raise an error with <c>throw Codes.X(...).Error()</c>; hand a warning to <see cref="IReporter"/>.
/// </summary>
public static partial class Codes
{
    private static Diagnostic Error(int code, string message, SourceLocation? at = null) => new($"CMP{code:D4}", Severity.Error, message, at);

    private static Diagnostic Warning(int code, string message, SourceLocation? at = null) => new($"CMP{code:D4}", Severity.Warning, message, at);

    /// <summary>The exception that carries this diagnostic.</summary>
    public static CompressionException Error(this Diagnostic diagnostic, Exception? inner = null) => new(diagnostic, inner);
}
