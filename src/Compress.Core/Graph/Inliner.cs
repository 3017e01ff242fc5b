using Compress.Diagnostics;
using Onnx;

namespace Compress.Graph;

/// <summary>Replaces the calls of a model's functions by their bodies, in a graph and its sub-graphs. Values and layers inside take the call's name as a prefix.</summary>
internal sealed class Inliner(OnnxModel model)
{
    private readonly NameSource names = NameSource.Of(model.Graph);

    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> functions =
        model.Header.Functions.DistinctBy(Key).ToDictionary(Key);

    private static (string, string, string) Key(FunctionProto function) => (function.Domain, function.Name, function.Overload);

    /// <param name="graph">Changed in place.</param>
    /// <param name="callers">The functions that are being inlined around this graph.</param>
    public void Inline(OnnxGraph graph, IReadOnlyList<FunctionProto> callers)
    {
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            var node = graph.Nodes[i];
            foreach (var attribute in node.Attributes.Values)
            {
                if (attribute.G is { } one) attribute.G = Inline(one, callers);
                for (var g = 0; g < attribute.Graphs.Count; g++) attribute.Graphs[g] = Inline(attribute.Graphs[g], callers);
            }
            if (!functions.TryGetValue((node.Domain, node.Op, node.Overload), out var function)) continue;
            if (callers.Contains(function)) throw Codes.FunctionRecursive(model.Files.FirstOrDefault() ?? "", function.Name).Error();

            var body = Body(node, function);
            Inline(body, [.. callers, function]);
            foreach (var (name, tensor) in body.Constants) graph.Constants[name] = tensor;
            graph.Nodes.RemoveAt(i);
            graph.Nodes.InsertRange(i, body.Nodes);
            i += body.Nodes.Count - 1;
        }
    }

    private GraphProto Inline(GraphProto message, IReadOnlyList<FunctionProto> callers)
    {
        var graph = GraphMessages.Read(message, ExternalData.None);
        Inline(graph, callers);
        return GraphMessages.Write(graph);
    }

    /// <summary>The function's nodes with the call's attributes, at the model's opset, under the caller's names.</summary>
    private OnnxGraph Body(Node call, FunctionProto function)
    {
        var message = new GraphProto();
        message.Node.AddRange(function.Node.Select(node => FunctionAttributes.Bind(node, call, function)));
        message.Output.AddRange(function.Output.Select(output => new ValueInfoProto { Name = output }));
        var body = GraphMessages.Read(message, ExternalData.None);
        if (FunctionInlining.OpsetOf(function) is > 0 and var opset) OpsetUpgrade.Upgrade(body, opset, model.Opset);

        var prefix = call.Name.Length > 0 ? call.Name : call.Outputs.First(output => output.Length > 0);
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal) { [""] = "" };
        string Rename(string name) => renamed.TryGetValue(name, out var other) ? other : renamed[name] = names.Fresh($"{prefix}/{name}");
        for (var i = 0; i < function.Input.Count; i++) renamed[function.Input[i]] = call.Input(i);
        for (var i = 0; i < Math.Min(function.Output.Count, call.Outputs.Count); i++)
            if (call.Outputs[i].Length > 0) renamed[function.Output[i]] = call.Outputs[i];

        foreach (var node in body.Nodes)
        {
            if (node.Name.Length > 0) node.Name = $"{prefix}/{node.Name}";
            for (var i = 0; i < node.Inputs.Count; i++) node.Inputs[i] = Rename(node.Inputs[i]);
            for (var i = 0; i < node.Outputs.Count; i++) node.Outputs[i] = Rename(node.Outputs[i]);
            SubGraphs.RenameAll(node, Rename);
        }
        return new OnnxGraph { Nodes = body.Nodes, Constants = body.Constants.ToDictionary(entry => Rename(entry.Key), entry => entry.Value, StringComparer.Ordinal) };
    }
}
