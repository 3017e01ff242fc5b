using Compress.Analysis;
using Compress.Diagnostics;
using Compress.Gradients;
using Compress.Graph;
using Compress.Plan;

namespace Compress.Training;

/// <summary>
/// Variational dropout (Molchanov et al. 2017; bounded and down-weighted as in QAP / UVNQ): each weight θ of a layer is a normal variable of variance α θ², and α is
/// learned against a prior that wants it large. Noise is added to the layer's outputs, not to its weights (local reparameterization): y = W∗x + ε·√(V∗x² + 10⁻⁸)
/// with V = α θ². Each weight has an α of its own, by the variance as the trained number, or all weights of an output channel share one.
/// </summary>
internal sealed class VariationalDropout : IGraphPart
{
    /// <summary>How much the prior counts at last (as published), and the shares of the training at which it begins and has grown to that.</summary>
    public const double LastWeight = 1.0 / 20;

    private const double Begin = 0.02, Full = 0.32;

    /// <summary>What a step of rate 1 moves the logarithm of a variance by: it has far to go, from finest bits to none, in as many steps as weights have.</summary>
    private const float Unit = 6;

    private const float Tiny = 1e-8f;

    private readonly IReadOnlyList<Noise> noises;
    private readonly double samples;

    /// <param name="perWeight">False: an α for each output channel.</param>
    /// <param name="most">Finest bits that count: α is kept above their noise.</param>
    /// <param name="samples">Training samples, which the prior is weighed against.</param>
    /// <param name="shapes">Of values for one sample.</param>
    public VariationalDropout(IReadOnlyList<LearnedLayer> layers, bool perWeight, int most, long samples, IReadOnlyDictionary<string, ValueFacts> shapes)
    {
        this.samples = samples;
        noises = [.. layers.Select(layer => new Noise(layer, perWeight, Math.Log(DropoutRate.Bound(most)), shapes[layer.Layer.Node.Output].Dims))];
    }

    public IEnumerable<Parameter> Parameters => noises.Select(noise => noise.Variance);

    /// <summary>Layer name → α of each weight in the layout of the weights' matrix, or of each output channel.</summary>
    public IReadOnlyDictionary<string, double[]> Rates() => noises.ToDictionary(noise => noise.Layer.Layer.Name, noise => noise.Rates(), StringComparer.Ordinal);

    /// <summary>ω.</summary>
    public static double WeightAt(double progress) => LastWeight * Math.Clamp((progress - Begin) / (Full - Begin), 0, 1);

    public IReadOnlyList<string> Insert(OnnxGraph graph) => [.. noises.Select(noise => noise.Insert(graph))];

    /// <exception cref="CompressionException">CMP4509: outputs are of another size than in calibration, or their samples lie along another axis.</exception>
    public void Check(IReadOnlyDictionary<string, ValueFacts> shapes, int samples)
    {
        foreach (var noise in noises)
            if (shapes[noise.Layer.Layer.Node.Output].Dims is var dims && !dims.SequenceEqual(noise.Dims(samples))) throw Codes.NoiseOfOneShape(noise.Layer.Layer.Name, dims, samples).Error();
    }

    public void Feed(IDictionary<string, Tensor> feed)
    {
        foreach (var noise in noises) feed[noise.VarianceInput] = noise.Variances();
    }

    public void Feed(IDictionary<string, Tensor> feed, int samples, Random random)
    {
        foreach (var noise in noises) feed[noise.NoiseInput] = noise.Draw(samples, random);
    }

    public void Take(Func<string, float[]> gradient, double progress)
    {
        foreach (var noise in noises) noise.Take(gradient(noise.VarianceInput), WeightAt(progress) / samples);
    }

    /// <summary>Of one layer. The trained number is ln α of a channel, or of a weight the logarithm of its variance in units of the channel's mean square.</summary>
    private sealed class Noise
    {
        private readonly bool perWeight;
        private readonly double least;
        private readonly long[] output;

        public Noise(LearnedLayer layer, bool perWeight, double least, long[] output)
        {
            (Layer, this.perWeight, this.least, this.output) = (layer, perWeight, least, output);
            Variance = new Parameter([.. Enumerable.Repeat((float)least, perWeight ? layer.Weights.Values.Length : layer.Channels)], [Unit]);
        }

        public LearnedLayer Layer { get; }

        public Parameter Variance { get; }

        public string VarianceInput => Layer.Layer.Weight + ".variance";

        public string NoiseInput => Layer.Layer.Weight + ".noise";

        public string Insert(OnnxGraph graph)
        {
            var node = graph.Nodes.Single(node => node.Outputs.SequenceEqual(Layer.Layer.Node.Outputs));
            string Name(string part) => $"{Layer.Layer.Weight}.{part}";
            graph.Constants[VarianceInput] = Variances();
            graph.Constants[Name("tiny")] = Tensor.Scalar(Tiny);
            graph.Inputs.Add(GradientGraph.Info(NoiseInput, output, dynamic: true));

            var variance = new Node(node.Op, [Name("square"), VarianceInput], [Name("sum")]);
            foreach (var (name, attribute) in node.Attributes) variance.Attributes[name] = attribute;
            Node[] added =
            [
                new("Mul", [node.Inputs[0], node.Inputs[0]], [Name("square")]),
                variance,
                new("Add", [Name("sum"), Name("tiny")], [Name("positive")]),
                new("Sqrt", [Name("positive")], [Name("deviation")]),
                new("Mul", [Name("deviation"), NoiseInput], [Name("drawn")]),
                new("Add", [Name("mean"), Name("drawn")], [node.Output]),
            ];
            GraphEdit.RenameOutput(node, node.Output, Name("mean"));
            graph.Nodes.InsertRange(graph.Nodes.IndexOf(node) + 1, added);
            return VarianceInput;
        }

        public long[] Dims(int samples) => [output[0] * samples, .. output[1..]];

        public Tensor Draw(int samples, Random random)
        {
            var dims = Dims(samples);
            var values = new float[Tensor.ElementCount(dims)];
            NormalNoise.Fill(values, random);
            return Tensor.Of(values, dims);
        }

        /// <summary>α θ², α kept within its bounds.</summary>
        public Tensor Variances()
        {
            var (weights, values) = (Layer.Weights.Values, new float[Layer.Weights.Values.Length]);
            if (perWeight)
                for (var i = 0; i < values.Length; i++)
                {
                    var share = Math.Log(Share(i));
                    Variance.Values[i] = (float)Math.Clamp(Variance.Values[i], least + share, DropoutRate.LargestLog + share);
                    values[i] = MathF.Exp(Variance.Values[i]) * Square(i);
                }
            else
                for (var i = 0; i < values.Length; i++)
                {
                    ref var rate = ref Variance.Values[i / Layer.ChannelLength];
                    rate = (float)Math.Clamp(rate, least, DropoutRate.LargestLog);
                    values[i] = MathF.Exp(rate) * weights[i] * weights[i];
                }
            return Layer.ToTensor(values);
        }

        /// <param name="gradient">By the variances.</param>
        /// <param name="prior">ω over the number of samples.</param>
        public void Take(float[] gradient, double prior)
        {
            var (g, weights) = (Layer.ToMatrix(gradient), Layer.Weights.Values);
            if (perWeight)
            {
                for (var i = 0; i < g.Length; i++)
                {
                    var slope = prior * DropoutRate.Slope(LogRate(i));
                    Variance.Gradient[i] = (float)((g[i] * Math.Exp(Variance.Values[i]) * Square(i)) + slope);
                    // A larger weight at the same variance has a smaller α.
                    Layer.Weights.Gradient[i] -= (float)(slope * 2 * weights[i] / (Share(i) * Square(i)));
                }
                return;
            }
            for (var channel = 0; channel < Layer.Channels; channel++)
            {
                var (rate, sum) = (Math.Exp(Variance.Values[channel]), 0.0);
                for (var i = channel * Layer.ChannelLength; i < (channel + 1) * Layer.ChannelLength; i++)
                {
                    sum += g[i] * rate * weights[i] * weights[i];
                    Layer.Weights.Gradient[i] += (float)(g[i] * rate * 2 * weights[i]);
                }
                Variance.Gradient[channel] = (float)(sum + (prior * Layer.ChannelLength * DropoutRate.Slope(Variance.Values[channel])));
            }
        }

        public double[] Rates()
        {
            Variances(); // within the bounds
            return perWeight ? [.. Enumerable.Range(0, Variance.Values.Length).Select(i => Math.Exp(LogRate(i)))] : Array.ConvertAll(Variance.Values, value => Math.Exp(value));
        }

        private double LogRate(int i) => Variance.Values[i] - Math.Log(Share(i));

        /// <summary>The weight's square, in units of its channel's mean square before training.</summary>
        private double Share(int i) => (Layer.Weights.Values[i] * (double)Layer.Weights.Values[i] / Square(i)) + 1e-10;

        private float Square(int i)
        {
            var unit = Layer.Weights.Unit[i / Layer.Weights.RowLength];
            return unit * unit;
        }
    }
}
