using Compress.Analysis;
using Compress.Gradients;
using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Gradients;

/// <summary>
/// Gradients against central differences of L = Σ c·y with random c. Shapes are observed on one sample and the check runs on two: gradients must not
/// depend on the batch that they were made with.
/// </summary>
internal static class GradientCheck
{
    private const double Tolerance = 1e-3;

    /// <summary>The whole model in double precision on ONNX Runtime; its kernels must exist for double.</summary>
    public static void InDouble(ModelBuilder builder, params string[] wanted)
    {
        var model = builder.Build();
        var doubles = AsDouble(model);
        var names = wanted.Where(model.Graph.Constants.ContainsKey).ToArray();
        foreach (var name in names)
        {
            var tensor = doubles.Graph.Constants[name];
            doubles.Graph.Constants.Remove(name);
            doubles.Graph.Inputs.Add(Input(name, tensor));
        }
        using var session = new Session(doubles, new SessionSettings(Optimize: false));
        Check(model, wanted, 1e-5, feed => session.Run(feed.ToDictionary(entry => entry.Key, entry => Double(entry.Value))).ToDictionary(entry => entry.Key, entry => entry.Value.Doubles()));
    }

    /// <summary>For operators that are linear in each of their inputs and have float kernels only: a wide step is exact there, but for float's rounding.</summary>
    public static void Linear(ModelBuilder builder, params string[] wanted)
    {
        var model = builder.Build();
        var open = model.Clone();
        foreach (var name in wanted.Where(model.Graph.Constants.ContainsKey))
        {
            open.Graph.Inputs.Add(Input(name, model.Graph.Constants[name]));
            open.Graph.Constants.Remove(name);
        }
        using var session = new Session(open, new SessionSettings(Optimize: false));
        Check(model, wanted, 0.5, feed => session.Run(feed.ToDictionary(entry => entry.Key, entry => Float(entry.Value))).ToDictionary(entry => entry.Key, entry => entry.Value.Doubles()));
    }

    /// <summary>A function of one number, given in double precision.</summary>
    public static void Function(ModelBuilder builder, Func<double, double> function) => Reference(builder, feed => [.. feed["x"].Values.Select(function)], "x");

    /// <summary>The model's only output, computed by the test in double precision.</summary>
    public static void Reference(ModelBuilder builder, Func<Dictionary<string, Numbers>, double[]> output, params string[] wanted) =>
        Check(builder.Build(), wanted, 1e-6, feed => new() { [builder.Graph.Outputs[0].Name] = output(feed) });

    /// <summary>Values with their shape, still to be given a precision.</summary>
    internal sealed record Numbers(double[] Values, Tensor Like);

    private static void Check(OnnxModel model, string[] wanted, double step, Func<Dictionary<string, Numbers>, Dictionary<string, double[]>> run)
    {
        var builder = new ModelBuilder(seed: 7) { };
        builder.Graph.Inputs.AddRange(model.Graph.Inputs);
        var (one, two) = (Feed(model, builder, 1), Feed(model, builder, 2));
        var dims = ObservedShapes.Observe(model, one).ToDictionary(entry => entry.Key, entry => entry.Value.Dims);
        var shapes = ObservedShapes.Observe(model, two);
        var outputs = model.Graph.Outputs.Select(output => output.Name).ToArray();
        var seeds = outputs.ToDictionary(name => name, name => builder.Random(1, shapes[name].Dims));

        var constants = wanted.Where(model.Graph.Constants.ContainsKey).ToDictionary(name => name, name => model.Graph.Constants[name]);
        var feed = two.Concat(constants).Concat(seeds.Select(seed => KeyValuePair.Create(seed.Key + ".seed", seed.Value))).ToDictionary(entry => entry.Key, entry => entry.Value);
        Func<string, Tensor> Gradients(IReadOnlyDictionary<string, long[]> dims, bool inBlocks)
        {
            var request = new GradientRequest(outputs.ToDictionary(name => name, name => name + ".seed"), wanted) { Forward = outputs, ConstantsAsInputs = true, InBlocks = inBlocks, MostFilling = 16 };
            var gradient = GradientGraph.Of(model, dims, request);
            GraphRules.CheckAfter("differentiating", gradient.Model);
            using var session = new Session(gradient.Model, new SessionSettings());
            var results = session.Run(feed.Where(entry => session.Inputs.Contains(entry.Key)).ToDictionary());
            return value => results[gradient.Gradients[value]];
        }
        // For any number of samples, made with one; and with operators of our own, also where few channels fill a block.
        Func<string, Tensor>[] ways = [Gradients(dims, false), Gradients(dims, true)];

        var point = two.Concat(constants).ToDictionary(entry => entry.Key, entry => new Numbers(entry.Value.Doubles(), entry.Value));
        double Loss() => run(point).Sum(output => output.Value.Zip(seeds[output.Key].Floats(), (y, c) => y * c).Sum());
        foreach (var value in wanted)
        {
            var at = point[value].Values;
            var expected = new double[at.Length];
            for (var i = 0; i < at.Length; i++)
            {
                var kept = at[i];
                at[i] = kept + step;
                var above = Loss();
                at[i] = kept - step;
                expected[i] = (above - Loss()) / (2 * step);
                at[i] = kept;
            }
            var scale = Math.Sqrt(expected.Sum(x => x * x));
            foreach (var actual in ways.Select(way => way(value)))
            {
                CollectionAssert.AreEqual(point[value].Like.Dims, actual.Dims, value);
                var error = Math.Sqrt(expected.Zip(actual.Doubles(), (x, y) => (x - y) * (x - y)).Sum());
                Assert.IsTrue(scale > 0 && error < Tolerance * scale, $"{value}: error {error:g3} of {scale:g3}; expected {Shown(expected)}, is {Shown(actual.Doubles())}");
            }
        }
    }

    private static Dictionary<string, Tensor> Feed(OnnxModel model, ModelBuilder random, int batch) => model.Graph.Inputs.ToDictionary(input => input.Name, input =>
    {
        long[] dims = [.. input.Type.TensorType.Shape.Dim.Select(dim => dim.HasDimValue ? dim.DimValue : batch)];
        return input.Type.TensorType.ElemType == (int)DataType.Int64 ? Tensor.Of([.. random.Random(1, dims).Floats().Select(x => (long)Math.Abs(x * 2) % 3)], dims) : random.Random(1, dims);
    });

    private static string Shown(double[] values) => string.Join(' ', values.Take(8).Select(value => value.ToString("g4")));

    private static Tensor Float(Numbers numbers) => numbers.Like.IsFloat ? Tensor.Of(Array.ConvertAll(numbers.Values, value => (float)value), numbers.Like.Dims) : numbers.Like;

    private static Tensor Double(Numbers numbers) => numbers.Like.IsFloat ? new Tensor(DataType.Double, numbers.Like.Dims, []).WithDoubles(numbers.Values, numbers.Like.Dims) : numbers.Like;

    private static OnnxModel AsDouble(OnnxModel model)
    {
        var copy = model.Clone();
        foreach (var (name, tensor) in model.Graph.Constants)
            if (tensor.IsFloat) copy.Graph.Constants[name] = new Tensor(DataType.Double, tensor.Dims, []).WithDoubles(tensor.Doubles(), tensor.Dims);
        foreach (var value in copy.Graph.Inputs.Concat(copy.Graph.Outputs))
            if (value.Type.TensorType.ElemType == (int)DataType.Float) value.Type.TensorType.ElemType = (int)DataType.Double;
        return copy;
    }

    private static Onnx.ValueInfoProto Input(string name, Tensor tensor)
    {
        var shape = new Onnx.TensorShapeProto();
        foreach (var dim in tensor.Dims) shape.Dim.Add(new Onnx.TensorShapeProto.Types.Dimension { DimValue = dim });
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)tensor.Type, Shape = shape } } };
    }
}
