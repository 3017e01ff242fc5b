using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Compress.Emit;

namespace Compress.Core.Tests.Emit;

[TestClass]
public sealed class ReportTests
{
    private static readonly Report Full = new()
    {
        Model = "resnet20.onnx",
        Method = "auto",
        Target = "onnxruntime",
        Metric = new("top1", 93.23, 93.15, 10000, true, "a drop of at most 0.5") { Drop = 0.08, Margin = 0.1 },
        Size = new(1169914, 292000),
        Macs = new(41e6, 41e6),
        Bops = new(41e6 * 1024, 41e6 * 64, "product") { OtherConventions = [new(30, 10, "another")] },
        Latency = new(0.85, 0.31),
        Layers =
        [
            new("/conv1/Conv", "Conv") { WeightBits = 8, ActivationBits = 8, Channels = "12/16", Error = 1e-4 },
            new("<odd & name>", "Softmax") { Reason = "stays float: \"policy\"" },
        ],
        Groups = [new("/conv1/Conv", Kept: 12, Channels: 16) { Error = 1e-4 }],
        Warnings = ["few <samples>"],
    };

    [TestMethod]
    public void The_json_is_the_golden_text() => Assert.AreEqual("""
        {
          "model": "resnet20.onnx",
          "method": "auto",
          "target": "onnxruntime",
          "metric": {
            "name": "top1",
            "float": 93.23,
            "compressed": 93.15,
            "samples": 10000,
            "passed": true,
            "bound": "a drop of at most 0.5",
            "drop": 0.08,
            "margin": 0.1
          },
          "size": {
            "float": 1169914,
            "compressed": 292000,
            "factor": 4.0066
          },
          "macs": {
            "float": 41000000,
            "compressed": 41000000,
            "factor": 1
          },
          "bops": {
            "float": 41984000000,
            "compressed": 2624000000,
            "factor": 16,
            "convention": "product",
            "int8Factor": 1,
            "otherConventions": [
              {
                "float": 30,
                "compressed": 10,
                "factor": 3,
                "convention": "another"
              }
            ]
          },
          "latency": {
            "float": 0.85,
            "compressed": 0.31,
            "factor": 2.7419
          },
          "layers": [
            {
              "name": "/conv1/Conv",
              "type": "Conv",
              "weightBits": 8,
              "activationBits": 8,
              "channels": "12/16",
              "error": 0.0001
            },
            {
              "name": "<odd & name>",
              "type": "Softmax",
              "reason": "stays float: \"policy\""
            }
          ],
          "groups": [
            {
              "name": "/conv1/Conv",
              "kept": 12,
              "channels": 16,
              "error": 0.0001
            }
          ],
          "warnings": [
            "few <samples>"
          ]
        }

        """.ReplaceLineEndings("\n"), ReportJson.Write(Full));

    [TestMethod]
    public void What_was_written_is_read_again() =>
        Assert.AreEqual(ReportJson.Write(Full), ReportJson.Write(ReportJson.Read(ReportJson.Write(Full))));

    [TestMethod]
    public void The_lock_file_gets_the_figures_alone()
    {
        Assert.AreEqual("metric size macs bops latency", string.Join(' ', ReportJson.Figures(Full).Select(figure => figure.Key)));
        Assert.AreEqual("float compressed factor convention int8Factor", string.Join(' ', ReportJson.Figures(Full)["bops"]!.AsObject().Select(figure => figure.Key)));
    }

    [TestMethod]
    public void A_number_that_json_can_not_hold_is_null()
    {
        var text = ReportJson.Write(Full with { Metric = new("psnr", double.PositiveInfinity, 40, 5, true, null) });
        Assert.IsNull(JsonNode.Parse(text)!["metric"]!["float"]);
        Assert.IsTrue(double.IsNaN(ReportJson.Read(text).Metric!.Float));
    }

    [TestMethod]
    public void The_page_needs_nothing_from_elsewhere_and_escapes_every_text()
    {
        var page = ReportHtml.Write(Full);
        Assert.IsFalse(Regex.IsMatch(page, "https?:|src=|@import|url\\("));
        foreach (var part in new[] { "resnet20.onnx", "÷ 4.01", "93.15", "÷ 16", "0.31 ms", "/conv1/Conv", "12/16", "&lt;odd &amp; name&gt;", "few &lt;samples&gt;", "float" }) StringAssert.Contains(System.Net.WebUtility.HtmlDecode(page) + page, part);
        var xml = System.Xml.Linq.XDocument.Parse(Regex.Replace(page, "<!DOCTYPE html>|<meta[^>]*>", ""));
        Assert.AreEqual(3, xml.Descendants("tr").Count());
    }
}
