using Compress.Testing;

namespace Compress.Build.Tests;

/// <summary>A project with one model that was built twice: what the first build did, and what the second did not do.</summary>
internal static class SharedBuild
{
    private static readonly Lazy<(TempProject, Step, Step)> Built = new(Build);

    public static TempProject Project => Built.Value.Item1;

    public static Step First => Built.Value.Item2;

    public static Step Second => Built.Value.Item3;

    private static (TempProject, Step, Step) Build()
    {
        var project = TempProject.WithModel();
        return (project, Take(project), Take(project));
    }

    private static Step Take(TempProject project)
    {
        var run = project.Build("-v:n").Expect(0);
        return new(run, project.TakeCalls(), File.GetLastWriteTimeUtc(project.PathTo(TempProject.Bin("models/net.onnx"))));
    }

    public sealed record Step(DotnetRun Run, IReadOnlyList<string> Calls, DateTime Written);
}
