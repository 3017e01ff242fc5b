using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Compress.Testing;

namespace Compress.Core.Tests.Architecture;

/// <summary>One method of the registry, as its source says.</summary>
internal sealed record RegisteredCode(string Code, string Method, bool IsError, string Message, string File)
{
    public char Stage => Code[3];
}

/// <summary>The registry of codes, read from Diagnostics/Codes.*.cs.</summary>
internal static partial class CodeRegistry
{
    private static IEnumerable<string> Files => Directory.GetFiles(Repository.PathTo("src", "Compress.Core", "Diagnostics"), "Codes.*.cs");

    public static IReadOnlyList<RegisteredCode> Read() =>
    [
        .. from file in Files
           from method in Method().Matches(File.ReadAllText(file))
           let code = int.Parse(method.Groups["code"].Value, CultureInfo.InvariantCulture)
           orderby code
           select new RegisteredCode(
               $"CMP{code:D4}", method.Groups["method"].Value, method.Groups["severity"].Value == "Error",
               Message(method.Groups["text"].Value), Path.GetFileName(file)),
    ];

    /// <summary>Every public method of the registry, also one whose body this reader does not understand.</summary>
    public static IReadOnlyList<string> Methods() =>
        [.. Files.SelectMany(f => Signature().Matches(File.ReadAllText(f))).Select(m => m.Groups["method"].Value)];

    /// <summary>The string literals of an expression, with ‹name› for what a run fills in.</summary>
    private static string Message(string expression)
    {
        var text = new StringBuilder();
        for (var at = expression.IndexOf('"'); at >= 0; at = expression.IndexOf('"', at + 1))
        {
            if (text.Length > 0) text.Append(" / ");
            at = Literal(expression, at + 1, interpolated: at > 0 && expression[at - 1] == '$', text);
        }

        return text.ToString();
    }

    /// <summary>Appends the literal that starts at <paramref name="at"/> and gives the place of its closing quote.</summary>
    private static int Literal(string expression, int at, bool interpolated, StringBuilder text)
    {
        for (; expression[at] != '"'; at++)
        {
            var next = expression[at + 1];
            if (expression[at] == '\\' || (interpolated && expression[at] is '{' or '}' && next == expression[at]))
            {
                text.Append(next);
                at++;
            }
            else if (interpolated && expression[at] == '{')
            {
                var start = at + 1;
                for (var depth = 1; depth > 0;) depth += expression[++at] switch { '{' => 1, '}' => -1, _ => 0 };
                var hole = expression[start..at];
                text.Append(Identifier().IsMatch(hole) ? $"‹{hole}›" : "‹…›");
            }
            else
            {
                text.Append(expression[at]);
            }
        }

        return at;
    }

    [GeneratedRegex(
        @"public static Diagnostic (?<method>\w+)\((?:[^()]|\([^()]*\))*\)\s*=>\s*(?<severity>Error|Warning)\((?<code>\d{4}),(?<text>.*?);\s*$",
        RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Method();

    [GeneratedRegex(@"public static Diagnostic (?<method>\w+)\(")]
    private static partial Regex Signature();

    [GeneratedRegex(@"^\w+$")]
    private static partial Regex Identifier();
}
