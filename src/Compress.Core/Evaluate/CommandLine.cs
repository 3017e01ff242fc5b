using System.Text;

namespace Compress.Evaluate;

/// <summary>A command line as a list of words. No shell is involved: spaces part words, quotes keep them together.</summary>
internal static class CommandLine
{
    /// <summary>Double and single quotes group; a backslash before a double quote inside double quotes makes it a character.</summary>
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (inside, started) = ('\0', false);
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (inside == '"' && c == '\\' && i + 1 < line.Length && line[i + 1] == '"') word.Append(line[++i]);
            else if (inside != '\0' && c == inside) inside = '\0';
            else if (inside == '\0' && (c is '"' or '\'')) (inside, started) = (c, true);
            else if (inside == '\0' && char.IsWhiteSpace(c)) Finish();
            else word.Append(c);
        }
        Finish();
        return words;

        void Finish()
        {
            if (word.Length > 0 || started) words.Add(word.ToString());
            word.Clear();
            started = false;
        }
    }
}
