using System.Text;
using Compress.Diagnostics;

namespace Compress.Tool;

/// <summary>A stream of the console. That nothing more can be written to it, a file on a full disk behind it for one, is an error like others.</summary>
/// <param name="name">For the message.</param>
internal sealed class CodedWriter(TextWriter inner, string name) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Coded(() => inner.Write(value));

    public override void Write(string? value) => Coded(() => inner.Write(value));

    public override void WriteLine(string? value) => Coded(() => inner.WriteLine(value));

    public override void Flush() => Coded(inner.Flush);

    private void Coded(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e)
        {
            throw Codes.CannotWrite(name, e.Message).Error(e);
        }
    }
}
