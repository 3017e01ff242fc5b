using System.Text.Json;
using Compress.Testing;

namespace Compress.Tool.Tests;

[TestClass]
public sealed class SearchTests
{
    private readonly string folder = TempRoot.NewFolder("search");

    private string PathTo(string name) => Path.Combine(folder, name);

    [TestMethod]
    [DataRow("size", "2 3")]
    [DataRow("bops", "20 60")]
    [DataRow("latency", "1.5 2.5")]
    public void The_front_has_the_float_model_and_a_point_a_budget_as_json_and_csv(string by, string factors)
    {
        var model = TinyModel.Write(folder, TinyModel.Policy.Replace("    quantize: { weights: 8, activations: 8 }\n", "    method: qap\n", StringComparison.Ordinal));

        ToolRun.Of(["search", model, "--policy", PathTo("compress.yaml"), "--pareto", PathTo("front.json"), "--by", by, "--factors", .. factors.Split(' ')]).Expect(0);

        using var front = JsonDocument.Parse(File.ReadAllText(PathTo("front.json")));
        var points = front.RootElement.GetProperty("points").EnumerateArray().ToList();
        Assert.AreEqual("qap", front.RootElement.GetProperty("method").GetString());
        Assert.AreEqual("cosine", front.RootElement.GetProperty("metric").GetString());
        Assert.HasCount(3, points);
        Assert.AreEqual(JsonValueKind.Null, points[0].GetProperty("plan").ValueKind);
        Assert.AreEqual(1, points[0].GetProperty("metric").GetDouble(), 1e-6);
        // Most of so small a model's time is overhead, so a bound on time may be out of reach; it takes channels all the same.
        if (by == "latency")
        {
            double[] macs = [.. points.Select(point => point.GetProperty("macs").GetDouble())];
            Assert.IsTrue(macs[1] < macs[0] && macs[2] <= macs[1], string.Join(' ', macs));
        }
        else foreach (var (point, factor) in points.Skip(1).Zip(factors.Split(' '))) Assert.IsLessThanOrEqualTo(points[0].GetProperty(by).GetDouble() / double.Parse(factor, System.Globalization.CultureInfo.InvariantCulture), point.GetProperty(by).GetDouble());
        var lines = File.ReadAllLines(PathTo("front.csv"));
        Assert.AreEqual("budget,size,macs,bops,latency_ms,cosine,margin,on_front", lines[0]);
        Assert.HasCount(4, lines);
        if (by != "latency") Assert.IsTrue(points.All(point => point.GetProperty("onFront").GetBoolean()), "Each costs less than the one before.");
    }

    [TestMethod]
    public void Another_ending_or_factor_is_refused()
    {
        var model = TinyModel.Write(folder);

        StringAssert.Contains(ToolRun.Of("search", model, "--policy", PathTo("compress.yaml"), "--pareto", PathTo("front.txt")).Expect(2).Error, "CMP0003");
        StringAssert.Contains(ToolRun.Of("search", model, "--policy", PathTo("compress.yaml"), "--pareto", PathTo("front.csv"), "--factors", "0.5").Expect(2).Error, "CMP0003");
        StringAssert.Contains(ToolRun.Of("search", model, "--policy", PathTo("compress.yaml")).Expect(2).Error, "--pareto");
    }

    [TestMethod]
    public void Nothing_is_left_to_choose_where_the_policys_ratio_meets_the_budget()
    {
        var policy = TinyModel.Policy.Replace("quantize: { weights: 8, activations: 8 }", "quantize: none", StringComparison.Ordinal).Replace("min: 0.9", "min: 0", StringComparison.Ordinal);
        var model = TinyModel.Write(folder, policy + "    prune: { ratio: 0.5 }\n    budget: { macs: 1.5x }\n");

        ToolRun.Of(model, "--policy", PathTo("compress.yaml"), "--output", PathTo("out/"), "--report", PathTo("reports/")).Expect(0);

        Assert.IsTrue(File.Exists(PathTo("reports/net.report.json")));
    }

    [TestMethod]
    public void A_front_of_a_method_that_is_training_is_refused()
    {
        var model = TinyModel.Write(folder, TinyModel.Policy + "    method: djpq\n    train: { data: samples.npy }\n");

        StringAssert.Contains(ToolRun.Of("search", model, "--policy", PathTo("compress.yaml"), "--pareto", PathTo("front.json")).Expect(2).Error, "(7,13): error CMP5025");
    }

    [TestMethod]
    public void A_front_says_which_budgets_it_had_no_time_for()
    {
        var model = TinyModel.Write(folder);

        var run = ToolRun.Of("search", model, "--policy", PathTo("compress.yaml"), "--pareto", PathTo("front.json"), "--factors", "2", "3", "--minutes", "1e-9").Expect(0);

        StringAssert.Contains(run.Output, "time is up, not tried: ");
        StringAssert.Contains(run.Output, "3 times less");
    }

    [TestMethod]
    public void A_search_that_has_no_time_still_gives_a_model_and_its_result_is_not_taken_for_that_of_a_whole_one()
    {
        var model = TinyModel.Write(folder, TinyModel.Policy.Replace("quantize: { weights: 8, activations: 8 }", "method: pic-pq, budget: { bops: 40x }", StringComparison.Ordinal).Replace(", budget", "\n    budget", StringComparison.Ordinal));
        string[] arguments = [model, "--policy", PathTo("compress.yaml"), "--output", PathTo("out.onnx"), "--cache", PathTo("cache"), "--lock", PathTo("lock.json")];

        ToolRun.Of([.. arguments, "--minutes", "0.0001"]).Expect(0);
        File.Delete(PathTo("lock.json"));

        Assert.IsFalse(ToolRun.Of(arguments).Expect(0).Output.Contains("found in the cache", StringComparison.Ordinal));
    }
}
