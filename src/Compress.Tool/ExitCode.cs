using Compress.Diagnostics;

namespace Compress.Tool;

/// <summary>What the process answers to the shell.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The gate or a budget was missed.</summary>
    public const int Missed = 1;

    /// <summary>Model, policy, data or arguments are not right.</summary>
    public const int BadInput = 2;

    public const int Internal = 3;

    /// <summary>By Ctrl+C or a termination signal, as shells number it.</summary>
    public const int Cancelled = 130;

    public static int Of(Diagnostic failure) => failure.Code.StartsWith("CMP9", StringComparison.Ordinal) ? Internal : BadInput;
}
