using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Compress.Plan;
using Compress.Policy;

namespace Compress.Core.Tests.Plan;

/// <summary>A plan in the lock file is the plan: nothing is lost, and people can read what changed.</summary>
[TestClass]
public sealed class PlanJsonTests
{
    [TestMethod]
    public void Any_plan_is_read_as_it_was_written()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 200; i++)
        {
            var plan = Random(random);
            var read = PlanJson.Read(JsonNode.Parse(PlanJson.Write(plan).ToJsonString())!);

            CollectionAssert.AreEqual(plan.Layers.ToArray(), read.Layers.ToArray(), $"seed {seed}");
            CollectionAssert.AreEqual(plan.ChannelBits.Select(Text).ToArray(), read.ChannelBits.Select(Text).ToArray(), $"seed {seed}");
            CollectionAssert.AreEqual(plan.Factors.ToArray(), read.Factors.ToArray(), $"seed {seed}");
            CollectionAssert.AreEqual(plan.Tables.ToArray(), read.Tables.ToArray(), $"seed {seed}");
            CollectionAssert.AreEqual(plan.ActivationBits.ToArray(), read.ActivationBits.ToArray(), $"seed {seed}");
            CollectionAssert.AreEqual(plan.Grids.ToArray(), read.Grids.ToArray(), $"seed {seed}");
            CollectionAssert.AreEqual(plan.DynamicRanges.ToArray(), read.DynamicRanges.ToArray(), $"seed {seed}");
            CollectionAssert.AreEqual(plan.PackedProducts.ToArray(), read.PackedProducts.ToArray(), $"seed {seed}");
            CollectionAssert.AreEqual(plan.IntegerRecurrence.ToArray(), read.IntegerRecurrence.ToArray(), $"seed {seed}");
            CollectionAssert.AreEqual(plan.SubGraphs.ToArray(), read.SubGraphs.ToArray(), $"seed {seed}");
            CollectionAssert.AreEqual(plan.FloatOperators.ToArray(), read.FloatOperators.ToArray(), $"seed {seed}");
            Assert.AreEqual((plan.Rounding, plan.Range, plan.AllowOverflow, plan.Plain, plan.Qonnx, plan.Trained, plan.Reconstruction), (read.Rounding, read.Range, read.AllowOverflow, read.Plain, read.Qonnx, read.Trained, read.Reconstruction), $"seed {seed}");
            CollectionAssert.AreEqual(plan.Cuts.Select(Text).ToArray(), read.Cuts.Select(Text).ToArray(), $"seed {seed}");
        }
    }

    [TestMethod]
    public void Stored_bits_are_those_of_the_channels()
    {
        var plan = CompressionPlan.Untouched(["a", "b"]) with { Layers = ImmutableSortedDictionary<string, LayerChoice>.Empty.Add("a", new(4, Arithmetic.Integer)).Add("b", new(6, Arithmetic.Integer)) };
        plan = plan with { ChannelBits = plan.ChannelBits.Add("b", [6, 3, 3, 2]) };
        Assert.AreEqual((4, 3.5), (plan.StoredBits("a"), plan.StoredBits("b")));
        Assert.IsFalse(plan.ChangesNothing);
        Assert.IsTrue(CompressionPlan.Untouched(["a"]).ChangesNothing);
        Assert.IsFalse((CompressionPlan.Untouched(["a"]) with { Factors = plan.Factors.Add("a", 3) }).ChangesNothing);
    }

    [TestMethod]
    public void Every_decision_of_a_plan_is_written() => CollectionAssert.AreEquivalent(
        new[] { nameof(CompressionPlan.Layers), nameof(CompressionPlan.Factors), nameof(CompressionPlan.Tables), nameof(CompressionPlan.Qonnx), nameof(CompressionPlan.ChannelBits), nameof(CompressionPlan.Cuts), nameof(CompressionPlan.ActivationBits), nameof(CompressionPlan.Grids), nameof(CompressionPlan.FloatOperators),
            nameof(CompressionPlan.Rounding), nameof(CompressionPlan.MidRise), nameof(CompressionPlan.Range), nameof(CompressionPlan.AllowOverflow), nameof(CompressionPlan.Plain), nameof(CompressionPlan.Trained), nameof(CompressionPlan.Reconstruction), nameof(CompressionPlan.SubGraphs), nameof(CompressionPlan.DynamicRanges), nameof(CompressionPlan.PackedProducts), nameof(CompressionPlan.IntegerRecurrence) },
        typeof(CompressionPlan).GetProperties().Where(property => property.CanWrite).Select(property => property.Name).ToArray(),
        "a new property of the plan belongs into PlanJson and into the test above");

    [TestMethod]
    public void The_text_has_a_line_a_layer_sorted_and_channels_as_ranges() => Assert.AreEqual("""
        {
          "weights": {
            "a": 32,
            "b": 4
          },
          "channelBits": {
            "b": "4314"
          },
          "floatArithmetic": [
            "a"
          ],
          "activations": {
            "x": 8
          },
          "grids": {
            "x": {
              "scale": 0.1,
              "zeroPoint": 3,
              "bits": 8
            }
          },
          "cuts": [
            {
              "group": "g",
              "kept": "0-2 5 7-8"
            }
          ],
          "floatOperators": [
            "Add"
          ],
          "rounding": "adaRound",
          "range": "auto",
          "allowOverflow": false,
          "plain": true
        }
        """.ReplaceLineEndings("\n"), PlanJson.Write(new CompressionPlan
        {
            Layers = ImmutableSortedDictionary<string, LayerChoice>.Empty.Add("b", new(4, Arithmetic.Integer)).Add("a", LayerChoice.Untouched),
            ChannelBits = ImmutableSortedDictionary<string, ImmutableArray<int>>.Empty.Add("b", [4, 3, 1, 4]),
            ActivationBits = ImmutableSortedDictionary<string, int>.Empty.Add("x", 8),
            Grids = ImmutableSortedDictionary<string, Quantizer>.Empty.Add("x", new(0.1f, 3, 8)),
            Cuts = [new("g", [0, 1, 2, 5, 7, 8])],
            FloatOperators = ["Add"],
            Rounding = Rounding.AdaRound,
            Plain = true,
        }).ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }));

    [TestMethod]
    [DataRow("{}")]
    [DataRow("""{ "weights": {}, "channelBits": {}, "floatArithmetic": [], "activations": {}, "grids": {}, "cuts": [], "floatOperators": [], "rounding": "other", "range": "auto", "allowOverflow": false, "plain": false }""")]
    [DataRow("[]")]
    [DataRow("""{ "weights": { "a": "8" }, "channelBits": {}, "floatArithmetic": [], "activations": {}, "grids": {}, "cuts": [], "floatOperators": [] }""")]
    [DataRow("""{ "weights": { "a": 0 }, "channelBits": {}, "floatArithmetic": [], "activations": {}, "grids": {}, "cuts": [], "floatOperators": [] }""")]
    [DataRow("""{ "weights": {}, "floatArithmetic": [null], "activations": {}, "grids": {}, "cuts": [], "floatOperators": [] }""")]
    [DataRow("""{ "weights": {}, "channelBits": {}, "floatArithmetic": [], "activations": {}, "grids": {}, "cuts": [{ "group": "g", "kept": "3-1" }], "floatOperators": [] }""")]
    [DataRow("""{ "weights": {}, "channelBits": {}, "floatArithmetic": [], "activations": {}, "grids": {}, "cuts": [{ "group": "g", "kept": "x" }], "floatOperators": [] }""")]
    [DataRow("""{ "weights": {}, "channelBits": {}, "floatArithmetic": [], "activations": {}, "grids": {}, "cuts": [{ "group": "g", "kept": "0-99999999999" }], "floatOperators": [] }""")]
    public void What_is_no_plan_is_refused(string text) => Assert.ThrowsExactly<JsonException>(() => PlanJson.Read(JsonNode.Parse(text)!));

    private static T Pick<T>(Random random) where T : struct, Enum => Enum.GetValues<T>()[random.Next(Enum.GetValues<T>().Length)];

    private static string Text(KeyValuePair<string, ImmutableArray<int>> layer) => $"{layer.Key}: {string.Concat(layer.Value)}";

    private static string Text(ChannelCut cut) => $"{cut.Group}: {string.Join(' ', cut.Kept)}";

    private static CompressionPlan Random(Random random)
    {
        string Name() => new([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => "abcXYZ/_.: \"é-0"[random.Next(15)])]);
        IEnumerable<string> Names() => Enumerable.Range(0, random.Next(6)).Select(_ => Name()).Distinct();
        var grids = Names().ToImmutableSortedDictionary(name => name, _ => new Quantizer(random.NextSingle() + 1e-6f, random.Next(256), random.Next(4, 9)) { IsDynamic = random.Next(3) == 0 }, StringComparer.Ordinal);
        return new CompressionPlan
        {
            Layers = Names().ToImmutableSortedDictionary(name => name, _ => new LayerChoice(random.Next(4) == 0 ? 32 : random.Next(1, 9), (Arithmetic)random.Next(2)), StringComparer.Ordinal),
            ChannelBits = Names().ToImmutableSortedDictionary(name => name, _ => ImmutableArray.CreateRange(Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(1, 9))), StringComparer.Ordinal),
            Factors = Names().ToImmutableSortedDictionary(name => name, _ => random.Next(1, 300), StringComparer.Ordinal),
            Tables = Names().ToImmutableSortedDictionary(name => name, _ => random.Next(2, 9), StringComparer.Ordinal),
            ActivationBits = Names().ToImmutableSortedDictionary(name => name, _ => random.Next(4, 17), StringComparer.Ordinal),
            Grids = grids,
            DynamicRanges = grids.Where(grid => grid.Value.IsDynamic).Select(grid => grid.Key).ToImmutableSortedSet(StringComparer.Ordinal),
            FloatOperators = [.. Names()],
            PackedProducts = Names().ToImmutableSortedSet(StringComparer.Ordinal),
            IntegerRecurrence = Names().ToImmutableSortedSet(StringComparer.Ordinal),
            SubGraphs = Names().ToImmutableSortedSet(StringComparer.Ordinal),
            Rounding = Pick<Rounding>(random),
            Range = Pick<RangeMethod>(random),
            AllowOverflow = random.Next(2) == 0,
            Plain = random.Next(2) == 0,
            Qonnx = random.Next(2) == 0,
            MidRise = random.Next(2) == 0,
            Trained = random.Next(2) == 0 ? null : "0123abcd",
            Cuts = [.. Names().Select(name => new ChannelCut(name, [.. Enumerable.Range(0, 40).Where(_ => random.Next(3) > 0).DefaultIfEmpty(7)]))],
        };
    }
}
