namespace Compress.Tool.Tests;

[TestClass]
public sealed class ProgressBarTests
{
    [TestMethod]
    public void It_redraws_one_line_only_when_a_percent_changed_and_goes_away()
    {
        using var terminal = new StringWriter();
        var bar = new ProgressBar(terminal);

        bar.Show(0.5);
        bar.Show(0.501);
        var drawn = terminal.ToString();
        bar.Clear();
        bar.Clear();

        Assert.AreEqual($"\r\e[2K[{new string('=', 20)}{new string(' ', 20)}] 50 %", drawn);
        Assert.AreEqual(drawn + "\r\e[2K", terminal.ToString());
    }
}
