using Compress.Emit;

namespace Compress.Core.Tests.Emit;

[TestClass]
public sealed class FrontTests
{
    private static FrontPoint Point(double size, double metric) => new(1, size, 0, 0, 0, metric, null);

    [TestMethod]
    [DataRow(true, "1 0 1 0")]
    [DataRow(false, "0 0 0 1")]
    public void Points_that_another_one_beats_are_not_on_the_front(bool higherIsBetter, string expected)
    {
        var front = new Front("net.onnx", "auto", "size", "m", higherIsBetter, [Point(100, 90), Point(100, 89), Point(50, 88), Point(50, 80)]).Marked();

        Assert.AreEqual(expected, string.Join(' ', front.Points.Select(point => point.OnFront ? 1 : 0)));
    }

    [TestMethod]
    public void Equal_points_are_both_on_the_front() =>
        Assert.IsTrue(new Front("net.onnx", "auto", "size", "m", true, [Point(100, 90), Point(100, 90)]).Marked().Points.All(point => point.OnFront));

    [TestMethod]
    public void A_metric_that_is_no_number_is_null_in_json_and_on_no_front_of_numbers()
    {
        var front = new Front("net.onnx", "auto", "size", "m", true, [Point(100, 90), Point(100, double.NaN)]).Marked();

        Assert.IsFalse(front.Points[1].OnFront);
        StringAssert.Contains(front.ToJson(), "\"metric\": null");
    }
}
