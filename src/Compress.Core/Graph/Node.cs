using Google.Protobuf;
using Onnx;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;

namespace Compress.Graph;

/// <summary>One operator call: its type, the names of its inputs and outputs ("" where one is left out), its attributes.</summary>
public sealed class Node
{
    public Node(string op, IEnumerable<string> inputs, IEnumerable<string> outputs, string name = "", string domain = "")
    {
        Op = op;
        Inputs = [.. inputs];
        Outputs = [.. outputs];
        Name = name;
        Domain = domain == "ai.onnx" ? "" : domain;
    }

    public string Op { get; set; }

    /// <summary>"" is the ONNX domain.</summary>
    public string Domain { get; set; }

    public string Name { get; set; }

    /// <summary>Which of several model-local functions of the same name is called; "" for all else.</summary>
    public string Overload { get; init; } = "";

    public List<string> Inputs { get; }

    public List<string> Outputs { get; }

    /// <summary>Ordered by name, so that the written form is always the same.</summary>
    public SortedDictionary<string, AttributeProto> Attributes { get; } = new(StringComparer.Ordinal);

    public string Output => Outputs[0];

    public bool Is(string op) => Op == op && Domain.Length == 0;

    /// <summary>The name of input <paramref name="index"/>, or "" when it is not given.</summary>
    public string Input(int index) => index < Inputs.Count ? Inputs[index] : "";

    public long Int(string name, long fallback = 0) => Attributes.TryGetValue(name, out var a) ? a.I : fallback;

    public float Float(string name, float fallback = 0) => Attributes.TryGetValue(name, out var a) ? a.F : fallback;

    public string Text(string name, string fallback = "") => Attributes.TryGetValue(name, out var a) ? a.S.ToStringUtf8() : fallback;

    public long[]? Ints(string name) => Attributes.TryGetValue(name, out var a) ? [.. a.Ints] : null;

    /// <summary>The sub-graphs of control flow (If, Loop, Scan).</summary>
    public IEnumerable<GraphProto> SubGraphs() => Attributes.Values.SelectMany(attribute => attribute.G is { } graph ? attribute.Graphs.Prepend(graph) : attribute.Graphs);

    public Node Set(string name, long value) => Put(new() { Name = name, Type = AttributeType.Int, I = value });

    public Node Set(string name, float value) => Put(new() { Name = name, Type = AttributeType.Float, F = value });

    public Node Set(string name, string value) => Put(new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) });

    public Node Set(string name, long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return Put(attribute);
    }

    public Node Put(AttributeProto attribute)
    {
        Attributes[attribute.Name] = attribute;
        return this;
    }

    public Node Clone()
    {
        var copy = new Node(Op, Inputs, Outputs, Name, Domain) { Overload = Overload };
        foreach (var (name, attribute) in Attributes) copy.Attributes[name] = attribute.Clone();
        return copy;
    }

    public override string ToString() => $"{(Name.Length > 0 ? Name : Outputs.FirstOrDefault())} ({Op})";
}
