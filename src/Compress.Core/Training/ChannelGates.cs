using Compress.Analysis;
using Compress.Gradients;
using Compress.Graph;

namespace Compress.Training;

/// <summary>
/// Gates on channels (variational information bottleneck, Dai et al. 2018, as in DJPQ): where a group's channels are read, each is multiplied by μ + σ ε, ε drawn for
/// every sample. A penalty on ln(1 + μ²/σ²) drowns channels that the loss does not need in noise: one whose signal μ²/σ² is below 1 may go.
/// </summary>
internal sealed class ChannelGates : IGraphPart
{
    private const float FirstDeviation = 0.1f, MeanUnit = 2, DeviationUnit = 6;

    private readonly IReadOnlyList<Gate> gates;
    private readonly double penalty;

    /// <param name="groups">Those with a reader that has samples along its input's first axis get gates.</param>
    /// <param name="shapes">Of values for one sample.</param>
    /// <param name="penalty">γ.</param>
    public ChannelGates(IEnumerable<ChannelGroup> groups, IReadOnlyDictionary<string, ValueFacts> shapes, double penalty)
    {
        this.penalty = penalty;
        gates = [.. groups.Where(group => group.Consumers.Count > 0 && group.Consumers.All(reader => reader.Activation.Axis > 0 && shapes[reader.Activation.Value].Dims[0] == 1)).Select(group => new Gate(group, shapes))];
    }

    public IEnumerable<Parameter> Parameters => gates.SelectMany(gate => new[] { gate.Mean, gate.LogDeviation });

    public bool Has(string group) => gates.Any(gate => gate.Group.Id == group);

    /// <summary>μ of each channel of a group.</summary>
    public float[] Means(string group) => Of(group).Mean.Values;

    /// <summary>ln(μ²/σ²) of each channel of a group.</summary>
    public double[] Signals(string group) => Of(group).Signals();

    /// <summary>Adds a loss's derivative by ln(μ²/σ²) of one channel; after <see cref="Take"/>.</summary>
    public void Add(string group, int channel, double slope) => Of(group).Add(channel, slope);

    public IReadOnlyList<string> Insert(OnnxGraph graph) => [.. gates.SelectMany(gate => gate.Insert(graph))];

    public void Feed(IDictionary<string, Tensor> feed)
    {
        foreach (var gate in gates) gate.Feed(feed);
    }

    public void Feed(IDictionary<string, Tensor> feed, int samples, Random random)
    {
        foreach (var gate in gates)
        {
            var noise = new float[samples * (gate.Group.Channels + 1)];
            NormalNoise.Fill(noise, random);
            feed[gate.Noise] = Tensor.Of(noise, samples, gate.Group.Channels + 1);
        }
    }

    public void Take(Func<string, float[]> gradient, double progress)
    {
        foreach (var gate in gates) gate.Take(gradient, penalty);
    }

    private Gate Of(string group) => gates.First(gate => gate.Group.Id == group);

    /// <summary>Of one group. The graph has one more column, of the constant 1, for positions that belong to no channel of it.</summary>
    private sealed class Gate(ChannelGroup group, IReadOnlyDictionary<string, ValueFacts> shapes)
    {
        public ChannelGroup Group => group;

        public Parameter Mean { get; } = new([.. Enumerable.Repeat(1f, group.Channels)], [MeanUnit]);

        public Parameter LogDeviation { get; } = new([.. Enumerable.Repeat(MathF.Log(FirstDeviation), group.Channels)], [DeviationUnit]);

        public string Noise => Name("noise");

        public IReadOnlyList<string> Insert(OnnxGraph graph)
        {
            var first = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            Feed(first);
            foreach (var (name, tensor) in first) graph.Constants[name] = tensor;
            graph.Inputs.Add(GradientGraph.Info(Noise, [1, group.Channels + 1], dynamic: true));
            List<Node> added =
            [
                new("Mul", [Name("deviation"), Noise], [Name("drawn")]),
                new("Add", [Name("mean"), Name("drawn")], [Name("factor")]),
            ];
            foreach (var site in group.Consumers.GroupBy(reader => (reader.Activation.Value, reader.Activation.Axis)))
            {
                var (slices, dims) = (site.First().Activation, shapes[site.Key.Value].Dims);
                var readers = graph.Nodes.Where(node => site.Any(reader => reader.Layer == (node.Name.Length > 0 ? node.Name : node.Output))).ToList();
                string Own(string part) => $"{site.Key.Value}.{Name(part)}";
                graph.Constants[Own("positions")] = Tensor.List(Positions(slices, dims[slices.Axis]));
                graph.Constants[Own("shape")] = Tensor.List([-1, .. dims.Skip(1).Select((size, axis) => axis + 1 == slices.Axis ? size : 1)]);
                added.Add(new Node("Gather", [Name("factor"), Own("positions")], [Own("picked")]).Set("axis", 1));
                added.Add(new Node("Reshape", [Own("picked"), Own("shape")], [Own("spread")]));
                foreach (var reader in readers)
                {
                    var gated = $"{reader.Output}.{Name("gated")}";
                    graph.Nodes.Insert(graph.Nodes.IndexOf(reader), new Node("Mul", [reader.Inputs[0], Own("spread")], [gated])); // its input may be gated for another group already
                    reader.Inputs[0] = gated;
                }
            }
            graph.Nodes.InsertRange(0, added);
            return [.. first.Keys];
        }

        public void Feed(IDictionary<string, Tensor> feed)
        {
            feed[Name("mean")] = Tensor.Of([.. Mean.Values, 1], 1, group.Channels + 1);
            feed[Name("deviation")] = Tensor.Of([.. LogDeviation.Values.Select(MathF.Exp), 0], 1, group.Channels + 1);
        }

        public void Take(Func<string, float[]> gradient, double penalty)
        {
            var (mean, deviation, signals) = (gradient(Name("mean")), gradient(Name("deviation")), Signals());
            for (var c = 0; c < group.Channels; c++)
            {
                Mean.Gradient[c] = mean[c];
                LogDeviation.Gradient[c] = deviation[c] * MathF.Exp(LogDeviation.Values[c]);
                Add(c, penalty / (1 + Math.Exp(-signals[c])));
            }
        }

        public void Add(int channel, double slope)
        {
            var mean = Mean.Values[channel];
            Mean.Gradient[channel] += (float)(slope * 2 * mean / ((mean * mean) + 1e-6));
            LogDeviation.Gradient[channel] -= (float)(slope * 2);
        }

        public double[] Signals() => [.. Mean.Values.Zip(LogDeviation.Values, (mean, log) => Math.Log((mean * (double)mean) + 1e-12) - (2 * log))];

        private string Name(string part) => $"gate.{group.Id}.{part}";

        private long[] Positions(AxisSlices slices, long length)
        {
            var positions = Enumerable.Repeat((long)group.Channels, (int)length).ToArray();
            for (var c = 0; c < group.Channels; c++)
                foreach (var position in slices.Indices[c]) positions[position] = c;
            return positions;
        }
    }
}
