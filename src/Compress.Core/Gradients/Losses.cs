using Compress.Graph;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Gradients;

/// <summary>
/// Losses as nodes behind a model's outputs: each method edits the graph and gives the name of a scalar, the mean over the batch. Their gradients
/// come from the same rules as all others, with the constant <see cref="Seed"/> to start from.
/// </summary>
public static class Losses
{
    /// <summary>Below every logarithm that logits without masks have, so that these keep their gradients; sums of it are finite.</summary>
    private const float LeastLog = -1e30f;

    /// <summary>Mean cross entropy of logits with class numbers, which have all axes but that of the classes (see <see cref="ClassAxis"/>) and become an int64 input of the name <paramref name="labels"/>.</summary>
    public static string CrossEntropy(OnnxGraph graph, string logits, string labels, int rank)
    {
        var nodes = new Writer(graph);
        if (!graph.IsInput(labels)) graph.Inputs.Add(new ValueInfoProto { Name = labels, Type = new() { TensorType = new() { ElemType = (int)DataType.Int64 } } });
        var axis = ClassAxis.Of(rank);
        var log = nodes.Logs(logits, axis);
        var classes = nodes.Op("Gather", [nodes.Op("Shape", [logits]), nodes.Constant(Tensor.Of([(long)axis]))]);
        var target = nodes.Op("OneHot", [labels, classes, nodes.Constant(Tensor.Of([0f, 1f], 2))], node => node.Set("axis", axis));
        // A number of no class makes a target of zeros, and does not count.
        var known = nodes.Op("Max", [nodes.Op("ReduceSum", [target], node => node.Set("keepdims", 0)), nodes.Constant(Tensor.Scalar(1))]);
        return nodes.Op("Div", [nodes.Op("Neg", [nodes.Op("ReduceSum", [nodes.Op("Mul", [target, log])], node => node.Set("keepdims", 0))]), known]);
    }

    /// <summary>Mean over all elements of the squared difference to a target of the same shape.</summary>
    public static string MeanSquare(OnnxGraph graph, string output, string target, int rank)
    {
        var nodes = new Writer(graph);
        nodes.FloatInput(target, rank);
        var difference = nodes.Op("Sub", [output, target]);
        return nodes.Op("ReduceMean", [nodes.Op("Mul", [difference, difference])], node => node.Set("keepdims", 0));
    }

    /// <summary>The same of the elements that are known: the float input <paramref name="known"/> has their weights, which add up to their number.</summary>
    public static string MeanSquareOf(OnnxGraph graph, string output, string target, string known, int rank)
    {
        var nodes = new Writer(graph);
        nodes.FloatInput(target, rank);
        nodes.FloatInput(known, rank);
        var difference = nodes.Op("Sub", [output, target]);
        return nodes.Op("ReduceMean", [nodes.Op("Mul", [nodes.Op("Mul", [difference, difference]), known])], node => node.Set("keepdims", 0));
    }

    /// <summary>Distillation at temperature 1: Kullback-Leibler divergence Σ p·(log p − log q) of softmax(logits) from softmax(teacher), over classes (see <see cref="ClassAxis"/>).</summary>
    public static string Divergence(OnnxGraph graph, string logits, string teacher, int rank)
    {
        var nodes = new Writer(graph);
        nodes.FloatInput(teacher, rank);
        var axis = ClassAxis.Of(rank);
        var (own, other) = (nodes.Logs(logits, axis), nodes.Logs(teacher, axis));
        var terms = nodes.Op("Mul", [nodes.Op("Exp", [other]), nodes.Op("Sub", [other, own])]);
        return nodes.MeanOverPositions(terms, axis);
    }

    /// <summary>Σ weight · loss.</summary>
    public static string Weighted(OnnxGraph graph, params (string Loss, float Weight)[] losses)
    {
        var nodes = new Writer(graph);
        return nodes.Op("Sum", [.. losses.Select(loss => loss.Weight == 1 ? loss.Loss : nodes.Op("Mul", [loss.Loss, nodes.Constant(Tensor.Scalar(loss.Weight))]))]);
    }

    /// <summary>∂L/∂L: the constant 1, the seed of a loss.</summary>
    public static string Seed(OnnxGraph graph) => new Writer(graph).Constant(Tensor.Scalar(1));

    private sealed class Writer(OnnxGraph graph)
    {
        private readonly NameSource names = NameSource.Of(graph);

        public string Op(string op, string[] inputs, Action<Node>? set = null)
        {
            var node = new Node(op, inputs, [names.Fresh($"loss_{op}")]);
            set?.Invoke(node);
            graph.Nodes.Add(node);
            return node.Output;
        }

        /// <summary>Logarithms of probabilities; a class that the model masks with −∞ has a finite one, for 0 · ∞ is no number.</summary>
        public string Logs(string logits, int axis) => Op("Clip", [Op("LogSoftmax", [logits], node => node.Set("axis", axis)), Constant(Tensor.Scalar(LeastLog))]);

        public string Constant(Tensor tensor)
        {
            var name = names.Fresh("loss_c");
            graph.Constants[name] = tensor;
            return name;
        }

        public void FloatInput(string name, int rank)
        {
            if (!graph.IsInput(name)) graph.Inputs.Add(TensorInfo.Of(name, DataType.Float, new long[rank], axis => $"{name}.{axis}"));
        }

        /// <summary>The sum over classes, and the mean over everything else.</summary>
        public string MeanOverPositions(string terms, int axis)
        {
            var perSample = Op("ReduceSum", [terms, Constant(Tensor.List(axis))], node => node.Set("keepdims", 0));
            return Op("ReduceMean", [perSample], node => node.Set("keepdims", 0));
        }
    }
}
