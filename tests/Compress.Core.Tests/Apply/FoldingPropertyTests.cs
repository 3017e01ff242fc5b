using Compress.Apply;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

[TestClass]
public sealed class FoldingPropertyTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Random_graphs_compute_the_same_after_folding(int part)
    {
        for (var seed = 50 * part; seed < 50 * (part + 1); seed++)
        {
            var builder = RandomGraph(seed);
            var model = builder.Build();

            var (folded, log) = Folding.Apply(model);

            Assert.IsTrue(ModelComparison.Difference(model, folded, builder.Feed()) < 1e-4, $"seed {seed}: {log}\n{string.Join('\n', model.Graph.Nodes)}");
        }
    }

    [TestMethod]
    public void Networks_of_any_opset_compute_the_same_upgraded_folded_and_made_lean()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var (model, feed) = RandomGraphs.Make(seed);

            var (folded, log) = Folding.Apply(OpsetUpgrade.To(model, 21));
            var lean = Lean.Apply(folded);

            GraphRules.CheckAfter($"seed {seed}", lean);
            Assert.IsTrue(ModelComparison.Difference(model, lean, feed) < 1e-4, $"seed {seed}, opset {model.Opset}: {log}");
        }
    }

    /// <summary>Values of the shapes [N,C,H,W] and [N,C], each step applied to any value made so far, so that some are read twice.</summary>
    private static ModelBuilder RandomGraph(int seed)
    {
        var random = new Random(seed);
        var builder = new ModelBuilder(seed).Input("x", -1, 4, 6, 6);
        var images = new List<(string Name, int Channels, int Size)> { ("x", 4, 6) };
        for (var step = 0; step < 12; step++)
        {
            var (name, channels, size) = images[random.Next(5) == 0 ? random.Next(images.Count) : ^1];
            string Floats(double deviation, params long[] dims) => builder.Constant(builder.Random(deviation, dims));
            long[] Broadcast() => random.Next(5) switch { 0 => [], 1 => [1], 2 => [channels, 1, 1], 3 => [1, channels, 1, 1], _ => [1, 1, 1, 1] };
            string[] Sides(string a, string b) => random.Next(2) == 0 ? [a, b] : [b, a];
            switch (random.Next(10))
            {
                case 0 or 1:
                    var group = random.Next(3) == 0 ? 2 : 1;
                    var padding = random.Next(2);
                    if (size + 2 * padding < 3) break;
                    string[] inputs = [name, Floats(0.3, 6, channels / group, 3, 3)];
                    builder.Op("Conv", random.Next(2) == 0 ? inputs : [.. inputs, Floats(1, 6)], node => node.Set("group", group).Set("pads", [padding, padding, padding, padding]));
                    (channels, size) = (6, size + 2 * padding - 2);
                    break;
                case 2:
                    builder.Op("ConvTranspose", [name, Floats(0.3, channels, 2, 2, 2)], node => node.Set("group", 2));
                    (channels, size) = (4, size + 1);
                    break;
                case 3 or 4:
                    string Positive() => builder.Constant(Tensor.Of([.. builder.Random(0.3, channels).Floats().Select(x => x * x + 0.5f)], channels));
                    builder.Op("BatchNormalization", [name, Positive(), Floats(0.5, channels), Floats(0.5, channels), Positive()]);
                    break;
                case 5:
                    builder.Op(random.Next(2) == 0 ? "Mul" : "Add", Sides(name, Floats(1, Broadcast())));
                    break;
                case 6:
                    builder.Op("Sub", Sides(name, Floats(1, Broadcast())));
                    break;
                case 7:
                    builder.Op(random.Next(3) switch { 0 => "Identity", 1 => "Dropout", _ => "Relu" }, [name]);
                    break;
                case 8:
                    var scale = builder.Op("Sqrt", [builder.Op("Mul", [Floats(1, 1, channels, 1, 1), builder.Constant(Tensor.Scalar(0f))])]);
                    builder.Op("Add", Sides(name, builder.Op("Reshape", [scale, builder.Constant(Tensor.List(channels, 1, 1))])));
                    break;
                default:
                    var other = images[random.Next(images.Count)];
                    if (other.Channels != channels || other.Size != size) break;
                    builder.Add(name, other.Name);
                    break;
            }
            if (builder.Last != images[^1].Name) images.Add((builder.Last, channels, size));
        }
        var last = images[^1];
        if (random.Next(3) == 0) builder.Output(images[random.Next(1, images.Count)].Name is var early && early != last.Name ? early : last.Name);
        builder.Op("Flatten", [last.Name]);
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(0.1, last.Channels * last.Size * last.Size, 5))]);
        if (random.Next(2) == 0) builder.Op("Add", [builder.Last, builder.Constant(builder.Random(1, 5))]);
        builder.Op("Mul", [builder.Last, builder.Constant(builder.Random(1, 5))]);
        return builder.Output();
    }
}
