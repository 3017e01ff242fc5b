using Compress.Analysis;
using Compress.Apply;
using Compress.Graph;
using Compress.Plan;
using Compress.Testing;

namespace Compress.Core.Tests.Apply;

/// <summary>A written value ends where its grid ends, and where a Clip ended it that melted into the grid: in every form, also for inputs that calibration never saw.</summary>
[TestClass]
public sealed class WrittenBoundsTests
{
    private const float Largest = 6;

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public void Coarse_grids_end_at_their_last_code(bool plain, bool qonnx)
    {
        var (facts, prepared) = Prepared(bits: 4, plain, qonnx);
        Check(facts, prepared, plain);
    }

    /// <summary>As after training, which moves steps.</summary>
    [TestMethod]
    [DataRow(4, false, false)]
    [DataRow(4, true, false)]
    [DataRow(4, true, true)]
    [DataRow(6, false, false)]
    public void A_clip_stays_where_a_grid_has_grown_beyond_it(int bits, bool plain, bool qonnx)
    {
        var (facts, prepared) = Prepared(bits, plain, qonnx);
        var grown = prepared.Grids.ToDictionary(grid => grid.Key, grid => grid.Key == facts.Layers[0].Input ? grid.Value : grid.Value with { Scale = grid.Value.Scale * 1.4f }, StringComparer.Ordinal);
        Check(facts, prepared with { Grids = grown }, plain);
    }

    private static (ModelFacts Facts, PreparedPlan Prepared) Prepared(int bits, bool plain, bool qonnx)
    {
        var model = new ModelBuilder(5).Input("x", 2, 3, 6, 6).Conv(8, 3).Clip(0, Largest).Conv(4, 3);
        var facts = Compressing.Facts(model.Output().Build(), new Dictionary<string, Tensor> { ["x"] = Tensor.Of([.. model.Random(1, 2, 3, 6, 6).Floats().Select(value => 20 * value)], 2, 3, 6, 6) });
        var plan = Compressing.Plan(facts, _ => 8, value => value == facts.Layers[0].Input ? 8 : bits) with { Plain = plain, Qonnx = qonnx };
        return (facts, PlanApplier.Roughly(facts, plan));
    }

    /// <summary>The largest value that the second layer reads.</summary>
    private static void Check(ModelFacts facts, PreparedPlan prepared, bool plain)
    {
        var written = PlanApplier.Write(prepared, plain).Model;
        var value = facts.Layers[1].Input;
        var (grid, read) = (prepared.Grids[value], value + ".f");
        written.Graph.Outputs.Add(new Onnx.ValueInfoProto { Name = read });
        var most = Compressing.Run(written, facts.Samples[0].Inputs, optimize: false)[read].Floats().Max();
        Assert.IsLessThanOrEqualTo(Math.Min(grid.High, Largest + (grid.Scale / 2)) + 1e-4, most);
        Assert.IsGreaterThan(Largest - grid.Scale, most, "the values do reach there");
    }
}
