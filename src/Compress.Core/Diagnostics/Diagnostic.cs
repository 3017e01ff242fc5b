namespace Compress.Diagnostics;

/// <summary>How much a diagnostic matters: an error ends the run, a warning does not.</summary>
public enum Severity { Warning, Error }

/// <summary>A place in a user's file. Lines and columns count from 1; 0 means unknown.</summary>
public sealed record SourceLocation(string File, int Line = 0, int Column = 0);

/// <summary>One thing to tell the user: its code (CMPnnnn, first digit the stage), what happened and what to do, and where.</summary>
public sealed record Diagnostic(string Code, Severity Severity, string Message, SourceLocation? Location = null)
{
    /// <summary>The line that MSBuild, IDEs and CI systems understand: <c>file(line,column): error CMPnnnn: text</c>.</summary>
    public override string ToString()
    {
        var origin = Location is null ? "compress"
            : Location.Line > 0 ? $"{Location.File}({Location.Line},{Math.Max(1, Location.Column)})"
            : Location.File;
        return $"{origin}: {(Severity == Severity.Error ? "error" : "warning")} {Code}: {Message}";
    }
}
