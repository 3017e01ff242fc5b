namespace Compress.Diagnostics;

/// <summary>An expected failure: one coded diagnostic, shown without a stack trace. Everything else is a bug (CMP9001).</summary>
public sealed class CompressionException(Diagnostic diagnostic, Exception? inner = null) : Exception(diagnostic.Message, inner)
{
    public Diagnostic Diagnostic { get; } = diagnostic;
}
