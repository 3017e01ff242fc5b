using Compress.Emit;

namespace Compress;

/// <summary>What comes out of one compression.</summary>
/// <param name="Passed">The gate and every budget were met, or a miss is only a warning: the output is in place.</param>
/// <param name="Output">The compressed model: at its place, or the best candidate under the work folder when the gate was missed.</param>
/// <param name="FilesRead">Model, external data, policy, data: all that the result depends on.</param>
public sealed record CompressionResult(bool Passed, string Output, Report Report, IReadOnlyList<string> FilesRead);
