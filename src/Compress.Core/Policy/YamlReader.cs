using Compress.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Compress.Policy;

/// <summary>Text to tree: one document, unique keys, every node with its place. Knows no policy.</summary>
internal sealed class YamlReader
{
    /// <summary>Deeper than any policy; keeps hostile files from exhausting the stack.</summary>
    private const int DeepestNesting = 32;

    /// <summary>What the parser says where a line begins in another column than it should.</summary>
    private static readonly string[] OfIndentation = ["block mapping", "invalid mapping", "block collection", "'-' indicator"];

    private readonly string file;
    private readonly string text;
    private readonly Parser parser;
    private readonly Stack<ParsingEvent> open = [];
    private readonly Dictionary<string, YamlValue> anchors = new(StringComparer.Ordinal);

    private YamlReader(string file, string text)
    {
        this.file = file;
        this.text = text;
        parser = new Parser(new StringReader(text));
    }

    private ParsingEvent? OpenBracket =>
        open.FirstOrDefault(o => o is MappingStart { Style: MappingStyle.Flow } or SequenceStart { Style: SequenceStyle.Flow });

    /// <summary>The root of the document.</summary>
    /// <exception cref="CompressionException">The text is not one YAML document, or it is empty.</exception>
    public static YamlValue Read(string file, string text)
    {
        var reader = new YamlReader(file, text);
        try
        {
            return reader.Document();
        }
        catch (YamlException e)
        {
            throw reader.Explain(e).Error(e);
        }
    }

    private YamlValue Document()
    {
        Next();
        if (Next() is not DocumentStart) throw Codes.PolicyEmpty(file).Error();
        Next();
        var root = Value();
        if (root is YamlScalar { IsNothing: true }) throw Codes.PolicyEmpty(file).Error();
        Next();
        if (Next() is DocumentStart second) throw Codes.SeveralDocuments(At(second.Start)).Error();
        return root;
    }

    private YamlValue Value()
    {
        var node = parser.Current!;
        if (open.Count > DeepestNesting) throw Codes.PolicySyntax($"Nested deeper than {DeepestNesting} levels.", At(node.Start)).Error();
        var value = node switch
        {
            Scalar scalar => new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, At(scalar.Start)),
            AnchorAlias alias => Anchored(alias),
            SequenceStart => List(node),
            _ => Map(node),
        };
        if (node is NodeEvent { Anchor.IsEmpty: false } named) anchors[named.Anchor.Value] = value;
        return value;
    }

    private YamlList List(ParsingEvent start)
    {
        open.Push(start);
        var items = new List<YamlValue>();
        while (Next() is not SequenceEnd) items.Add(Value());
        open.Pop();
        return new(items, At(start.Start));
    }

    private YamlMap Map(ParsingEvent start)
    {
        open.Push(start);
        var entries = new List<YamlEntry>();
        while (Next() is not MappingEnd)
        {
            if (parser.Current is not Scalar key) throw Codes.PolicySyntax("A key must be a single word.", At(parser.Current!.Start)).Error();
            if (entries.Find(e => e.Key == key.Value) is { } first)
                throw Codes.DuplicateKey(key.Value, first.KeyLocation.Line, At(key.Start)).Error();
            Next();
            entries.Add(new(key.Value, At(key.Start), Value()));
        }

        open.Pop();
        return new(entries, At(start.Start));
    }

    private YamlValue Anchored(AnchorAlias alias) =>
        anchors.TryGetValue(alias.Value.Value, out var value) ? value : throw Codes.UnquotedStar(At(alias.Start)).Error();

    private ParsingEvent Next()
    {
        try
        {
            parser.MoveNext();
            return parser.Current!;
        }
        catch (InvalidOperationException e)
        {
            // The scanner answers some unclosed brackets with this exception instead of its own.
            throw (OpenBracket is { } bracket
                ? Codes.PolicySyntax("A bracket is opened here and never closed.", At(bracket.Start))
                : Codes.PolicySyntax("What follows here can't be read. Is a bracket not closed?", At(parser.Current!.Start))).Error(e);
        }
    }

    private Diagnostic Explain(YamlException e)
    {
        // Some errors carry the start of the file; what was understood last is nearer then.
        var read = parser.Current?.Start ?? e.Start;
        var start = read.Line > e.End.Line ? read : e.Start;
        var lines = text.Split('\n');
        for (var line = (int)start.Line; line <= Math.Min(Math.Max(start.Line, e.End.Line) + 1, lines.Length); line++)
        {
            var indentation = lines[line - 1].TakeWhile(char.IsWhiteSpace).ToList();
            if (indentation.Contains('\t')) return Codes.TabIndentation(new(file, line, indentation.IndexOf('\t') + 1));
        }

        var (row, column) = ((int)start.Line - 1, (int)start.Column - 1);
        if (row < lines.Length && column < lines[row].Length && lines[row][column] == '*') return Codes.UnquotedStar(At(start));

        var opened = OpenBracket is { } bracket ? $" The bracket before it was opened on line {bracket.Start.Line}." : "";
        return Codes.PolicySyntax(e.Message.ReplaceLineEndings(" ") + (opened.Length == 0 && OfIndentation.Any(e.Message.Contains) ? " Keys of one group begin in one column: look at this line and the one before." : opened), At(start));
    }

    private SourceLocation At(Mark mark) => new(file, (int)mark.Line, (int)mark.Column);
}
