using System.Globalization;

namespace Compress.Tool;

/// <summary>One line at the bottom of a terminal that fills up and goes away: plain ANSI, nothing in a file or a pipe.</summary>
internal sealed class ProgressBar(TextWriter terminal)
{
    private const int Width = 40;
    private const string ClearLine = "\r\e[2K";
    private readonly Lock gate = new();
    private int shown = -1;

    /// <summary>A bar on the error stream when that is a terminal; null in a build, a pipe or a file.</summary>
    public static ProgressBar? OnTerminal() =>
        Console.IsErrorRedirected || Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb" ? null : new(Console.Error);

    /// <param name="fraction">0 to 1 of the current stage.</param>
    public void Show(double fraction)
    {
        var percent = (int)Math.Clamp(100 * fraction, 0, 100);
        lock (gate)
        {
            if (percent == shown) return;
            shown = percent;
            var filled = percent * Width / 100;
            terminal.Write(string.Create(CultureInfo.InvariantCulture, $"{ClearLine}[{new string('=', filled)}{new string(' ', Width - filled)}] {percent} %"));
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            if (shown >= 0) terminal.Write(ClearLine);
            shown = -1;
        }
    }
}
