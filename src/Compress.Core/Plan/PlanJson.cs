using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Compress.Policy;

namespace Compress.Plan;

/// <summary>
/// A plan as JSON for files that people commit and compare: one line a layer and a value, names sorted, kept channels as ranges ("0-3 5"); weights of 1 bit are ternary,
/// and where channels differ they have a digit each.
/// Reading what was written gives an equal plan.
/// </summary>
public static class PlanJson
{
    private const string Weights = "weights", Channels = "channelBits", Stored = "tables", Quants = "qonnx", Floats = "floatArithmetic", Activations = "activations", Cuts = "cuts", Operators = "floatOperators";
    private const string Grids = "grids", Scale = "scale", Zero = "zeroPoint";
    private const string Rounded = "rounding", Ranged = "range", Overflow = "allowOverflow", Plain = "plain", Trained = "trained", SubGraphs = "subGraphs", Dynamic = "dynamicRanges", Reconstruction = "reconstruction", Packed = "packedProducts", Recurrent = "integerRecurrence", Factors = "factors", MidRise = "midRise";

    public static JsonObject Write(CompressionPlan plan)
    {
        var json = Decisions(plan);
        if (!plan.Factors.IsEmpty) json[Factors] = Map(plan.Factors, rank => rank);
        if (!plan.SubGraphs.IsEmpty) json[SubGraphs] = Names(plan.SubGraphs);
        if (!plan.DynamicRanges.IsEmpty) json[Dynamic] = Names(plan.DynamicRanges);
        if (!plan.IntegerRecurrence.IsEmpty) json[Recurrent] = Names(plan.IntegerRecurrence);
        if (!plan.PackedProducts.IsEmpty) json[Packed] = Names(plan.PackedProducts);
        if (plan.Qonnx) json[Quants] = true;
        if (plan.MidRise) json[MidRise] = true;
        if (!plan.Tables.IsEmpty) json[Stored] = Map(plan.Tables, bits => bits);
        if (plan.Reconstruction > 0) json[Reconstruction] = plan.Reconstruction;
        if (plan.Trained is { } weights) json[Trained] = weights;
        return json;
    }

    private static JsonObject Decisions(CompressionPlan plan) => new()
    {
        [Weights] = Map(plan.Layers, choice => choice.Bits),
        [Channels] = new JsonObject(plan.ChannelBits.Select(layer => KeyValuePair.Create(layer.Key, (JsonNode?)string.Concat(layer.Value)))),
        [Floats] = Names(plan.Layers.Where(layer => layer.Value.Arithmetic == Arithmetic.Float).Select(layer => layer.Key)),
        [Activations] = Map(plan.ActivationBits, bits => bits),
        [Grids] = new JsonObject(plan.Grids.Select(grid => KeyValuePair.Create(grid.Key, (JsonNode?)new JsonObject { [Scale] = grid.Value.Scale, [Zero] = grid.Value.ZeroPoint, ["bits"] = grid.Value.Bits }))),
        [Cuts] = new JsonArray([.. plan.Cuts.Select(cut => new JsonObject { ["group"] = cut.Group, ["kept"] = Ranges(cut.Kept) })]),
        [Operators] = Names(plan.FloatOperators),
        [Rounded] = Word(plan.Rounding),
        [Ranged] = Word(plan.Range),
        [Overflow] = plan.AllowOverflow,
        [Plain] = plan.Plain,
    };

    /// <exception cref="JsonException">It is no plan.</exception>
    public static CompressionPlan Read(JsonNode json)
    {
        try
        {
            var floats = Names(json, Floats).ToHashSet(StringComparer.Ordinal);
            var dynamic = Some(json, Dynamic);
            return new CompressionPlan
            {
                Layers = Map(json, Weights, (name, bits) => new LayerChoice(bits, floats.Contains(name) ? Arithmetic.Float : Arithmetic.Integer)),
                ChannelBits = json[Channels]!.AsObject().ToImmutableSortedDictionary(layer => layer.Key, layer => Digits(layer.Value!), StringComparer.Ordinal),
                Factors = json[Factors] is { } factors ? factors.AsObject().ToImmutableSortedDictionary(factor => factor.Key, factor => factor.Value!.GetValue<int>() is > 0 and var rank ? rank : throw new FormatException(), StringComparer.Ordinal) : Empty,
                Qonnx = json[Quants] is not null,
                MidRise = json[MidRise] is not null,
                Tables = json[Stored] is null ? Empty : Map(json, Stored, (_, bits) => bits),
                ActivationBits = Map(json, Activations, (_, bits) => bits),
                DynamicRanges = dynamic,
                PackedProducts = Some(json, Packed),
                IntegerRecurrence = Some(json, Recurrent),
                Grids = json[Grids]!.AsObject().ToImmutableSortedDictionary(grid => grid.Key, grid => Grid(grid.Value!) with { IsDynamic = dynamic.Contains(grid.Key) }, StringComparer.Ordinal),
                Cuts = [.. json[Cuts]!.AsArray().Select(cut => new ChannelCut(cut!["group"]!.GetValue<string>(), Kept(cut["kept"]!.GetValue<string>())))],
                FloatOperators = [.. Names(json, Operators)],
                Rounding = Choice<Rounding>(json, Rounded),
                Range = Choice<RangeMethod>(json, Ranged),
                AllowOverflow = json[Overflow]!.GetValue<bool>(),
                Plain = json[Plain]!.GetValue<bool>(),
                Reconstruction = json[Reconstruction]?.GetValue<int>() ?? 0,
                Trained = json[Trained]?.GetValue<string>(),
                SubGraphs = Some(json, SubGraphs),
            };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException or NullReferenceException)
        {
            throw new JsonException("The plan lacks a part, or has one of another form.", e);
        }
    }

    private static readonly ImmutableSortedDictionary<string, int> Empty = ImmutableSortedDictionary<string, int>.Empty.WithComparers(StringComparer.Ordinal);

    private static JsonObject Map<T>(IEnumerable<KeyValuePair<string, T>> entries, Func<T, int> bits) =>
        new(entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)bits(entry.Value))));

    private static ImmutableSortedDictionary<string, T> Map<T>(JsonNode json, string key, Func<string, int, T> value) =>
        json[key]!.AsObject().ToImmutableSortedDictionary(entry => entry.Key, entry => value(entry.Key, Bits(entry.Value!)), StringComparer.Ordinal);

    private static Quantizer Grid(JsonNode node) =>
        new(node[Scale]!.GetValue<float>() is > 0 and var scale ? scale : throw new FormatException(), node[Zero]!.GetValue<int>(), Bits(node["bits"]!));

    private static int Bits(JsonNode node) => node.GetValue<int>() is >= QuantizePolicy.Ternary and <= 32 and var bits ? bits : throw new FormatException();

    /// <summary>A digit a channel.</summary>
    private static ImmutableArray<int> Digits(JsonNode node) => [.. node.GetValue<string>().Select(digit => digit is >= '1' and <= '8' ? digit - '0' : throw new FormatException())];

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]);

    private static IEnumerable<string> Names(JsonNode json, string key) => json[key]!.AsArray().Select(name => name!.GetValue<string>());

    private static ImmutableSortedSet<string> Some(JsonNode json, string key) => (json[key] is null ? [] : Names(json, key)).ToImmutableSortedSet(StringComparer.Ordinal);

    private static string Word<T>(T choice) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(choice.ToString());

    private static T Choice<T>(JsonNode json, string key) where T : struct, Enum =>
        Enum.GetValues<T>().Single(choice => Word(choice) == json[key]!.GetValue<string>());

    /// <summary>Ascending numbers as ranges.</summary>
    private static string Ranges(IReadOnlyList<int> channels)
    {
        var parts = new List<string>();
        for (int from = 0, to; from < channels.Count; from = to + 1)
        {
            for (to = from; to + 1 < channels.Count && channels[to + 1] == channels[to] + 1; to++) { }
            parts.Add(to == from ? $"{channels[from]}" : $"{channels[from]}-{channels[to]}");
        }
        return string.Join(' ', parts);
    }

    private static int[] Kept(string ranges) => [.. ranges.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(range =>
    {
        var ends = range.Split('-').Select(text => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)).ToArray();
        return ends.Length <= 2 && ends[^1] >= ends[0] ? Enumerable.Range(ends[0], ends[^1] - ends[0] + 1) : throw new FormatException();
    })];
}
