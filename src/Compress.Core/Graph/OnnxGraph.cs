using Onnx;

namespace Compress.Graph;

/// <summary>
/// A graph: nodes in topological order, constants (initializers; Constant nodes become such when read), inputs without those
/// that merely name a constant, outputs. Copied, then edited only inside Apply.
/// </summary>
public sealed class OnnxGraph
{
    public string Name { get; set; } = "g";

    public List<Node> Nodes { get; init; } = [];

    public Dictionary<string, Tensor> Constants { get; init; } = new(StringComparer.Ordinal);

    public List<ValueInfoProto> Inputs { get; init; } = [];

    public List<ValueInfoProto> Outputs { get; init; } = [];

    public Tensor? Constant(string name) => name.Length > 0 && Constants.TryGetValue(name, out var tensor) ? tensor : null;

    public bool IsOutput(string value) => Outputs.Any(output => output.Name == value);

    public bool IsInput(string value) => Inputs.Any(input => input.Name == value);

    public OnnxGraph Clone() => new()
    {
        Name = Name,
        Nodes = Nodes.ConvertAll(node => node.Clone()),
        Constants = new(Constants, StringComparer.Ordinal),
        Inputs = Inputs.ConvertAll(input => input.Clone()),
        Outputs = Outputs.ConvertAll(output => output.Clone()),
    };
}
