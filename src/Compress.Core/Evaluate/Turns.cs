namespace Compress.Evaluate;

/// <summary>
/// Names of what a compression keeps others from doing meanwhile. Programs that it starts are told: one of them that waited for such a turn would wait for
/// its own end.
/// </summary>
internal static class Turns
{
    private const string Variable = "COMPRESS_TURNS";

    /// <summary>Of the work that a thread does and starts: compressions side by side do wait for each other.</summary>
    private static readonly AsyncLocal<string[]?> Own = new();

    /// <summary>Those of the processes around this one.</summary>
    private static string[] Around => (Environment.GetEnvironmentVariable(Variable) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether a process around this one has it.</summary>
    public static bool IsAround(string name) => Around.Contains(name);

    /// <summary>From here on until it is disposed, with what marks the turn, programs are told of it.</summary>
    public static IDisposable Hold(string name, IDisposable mark)
    {
        var held = new Held(mark, Own.Value);
        Own.Value = [.. Own.Value ?? [], name];
        return held;
    }

    /// <summary>Tells a program, which may tell others.</summary>
    public static void Tell(IDictionary<string, string?> environment) => environment[Variable] = string.Join(' ', Around.Union(Own.Value ?? []));

    private sealed class Held(IDisposable mark, string[]? before) : IDisposable
    {
        public void Dispose()
        {
            Own.Value = before;
            mark.Dispose();
        }
    }
}
