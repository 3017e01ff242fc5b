using Compress.Graph;
using Compress.Runtime;
using Onnx;

namespace Compress.Testing.Networks;

/// <summary>Gives every BatchNormalization the mean and variance that its input really has, as training would: outputs stay well-conditioned however deep the graph.</summary>
public static class BatchStatistics
{
    /// <param name="feed">A batch of typical samples.</param>
    public static OnnxModel Fit(OnnxModel model, IReadOnlyDictionary<string, Tensor> feed)
    {
        var probe = model.Clone();
        probe.Graph.Outputs.Clear();
        var fitted = new List<Node>();
        for (var i = 0; i < probe.Graph.Nodes.Count; i++)
        {
            var node = probe.Graph.Nodes[i];
            if (!node.Is("BatchNormalization")) continue;
            fitted.Add(node);
            var made = ByBatch(probe.Graph, node);
            probe.Graph.Nodes.RemoveAt(i);
            probe.Graph.Nodes.InsertRange(i, made);
            i += made.Count - 1;
        }
        if (fitted.Count == 0) return model;
        foreach (var node in fitted)
            foreach (var part in (string[])["mean", "variance"]) probe.Graph.Outputs.Add(new ValueInfoProto { Name = $"{node.Output}.{part}" });
        using var session = new Session(probe, new SessionSettings());
        var found = session.Run(feed);
        var result = model.Clone();
        foreach (var node in fitted)
        {
            result.Graph.Constants[node.Inputs[3]] = Vector(found[$"{node.Output}.mean"]);
            result.Graph.Constants[node.Inputs[4]] = Vector(found[$"{node.Output}.variance"]);
        }
        return result;
    }

    private static Tensor Vector(Tensor tensor) => Tensor.Of(tensor.Floats(), tensor.Count);

    /// <summary>Normalization by the statistics of the batch at hand.</summary>
    private static List<Node> ByBatch(OnnxGraph graph, Node node)
    {
        var (x, y) = (node.Inputs[0], node.Output);
        Node Mean(string from, string to) => new Node("ReduceMean", [from], [to]).Set("axes", [0, 2, 3]);
        graph.Constants[$"{y}.epsilon"] = Tensor.Scalar(1e-5f);
        string Shaped(string name, string input)
        {
            var vector = graph.Constants[input];
            graph.Constants[$"{y}.{name}"] = Tensor.Of(vector.Floats(), vector.Count, 1, 1);
            return $"{y}.{name}";
        }
        return
        [
            Mean(x, $"{y}.mean"),
            new("Sub", [x, $"{y}.mean"], [$"{y}.centred"]),
            new("Mul", [$"{y}.centred", $"{y}.centred"], [$"{y}.square"]),
            Mean($"{y}.square", $"{y}.variance"),
            new("Add", [$"{y}.variance", $"{y}.epsilon"], [$"{y}.padded"]),
            new("Sqrt", [$"{y}.padded"], [$"{y}.deviation"]),
            new("Div", [$"{y}.centred", $"{y}.deviation"], [$"{y}.unit"]),
            new("Mul", [$"{y}.unit", Shaped("gamma", node.Inputs[1])], [$"{y}.scaled"]),
            new("Add", [$"{y}.scaled", Shaped("beta", node.Inputs[2])], [y]),
        ];
    }
}
