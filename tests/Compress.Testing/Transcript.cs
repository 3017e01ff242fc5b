using System.Text;

namespace Compress.Testing;

/// <summary>What a running program has printed so far: written by the readers of its two streams while a test reads it.</summary>
public sealed class Transcript
{
    private readonly StringBuilder _text = new();

    public void Append(string? line)
    {
        lock (_text) _text.AppendLine(line);
    }

    public override string ToString()
    {
        lock (_text) return _text.ToString();
    }
}
