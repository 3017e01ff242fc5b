using Compress.Core.Tests.Emit;
using Compress.Data;

namespace Compress.Core.Tests.Data;

[TestClass]
public sealed class CsvTests
{
    [TestMethod]
    [DataRow("1,2,3\n4,5,6\n")]
    [DataRow("a,b,c\n1,2,3\n4,5,6")]
    [DataRow("\"a\";\"b\";\"c\"\r\n\"1\";\"2\";\"3\"\r\n4.0;5e0; 6 \r\n\r\n")]
    [DataRow("# a\tb\tc\n1\t2\t3\n\n4\t5\t6\n")]
    [DataRow("x0,x1,x2\n1,2,3\n4,5,6\n")]
    [DataRow("0,1,2\n1,2,3\n4,5,6\n")]
    [DataRow("x_0,x_1,x_2\n1,2,3\n4,5,6\n")]
    [DataRow("x[0],x[1],x[2]\n1,2,3\n4,5,6\n")]
    public void A_table_is_one_sample_a_line_with_header_or_without(string text)
    {
        using var folder = new TemporaryFolder();
        var data = Datasets.Open(folder.Write("data.csv", text), [Datasets.Float("x", -1, 3)]);

        Assert.AreEqual(2, data.Count);
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 5, 6 }, data.All().Single().Inputs["x"].Floats());
        CollectionAssert.AreEqual(new float[] { 4, 5, 6 }, data.Read(1, 1, 1).Single().Inputs["x"].Floats());
    }

    [TestMethod]
    [DataRow("label")]
    [DataRow("labels")]
    public void The_label_column_is_no_input(string column)
    {
        using var folder = new TemporaryFolder();
        var data = Datasets.Open(folder.Write("data.csv", $"height,{column},width\n1,7,2\n3,8,4\n"), [Datasets.Float("x", -1, 2)], null, "labels");

        var batch = data.All().Single();

        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, batch.Inputs["x"].Floats());
        CollectionAssert.AreEqual(new long[] { 7, 8 }, batch.Extras["labels"].Integers());
        CollectionAssert.AreEqual(new long[] { 2 }, batch.Extras["labels"].Dims);
    }

    [TestMethod]
    public void Columns_named_as_the_inputs_feed_several_inputs()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("data.csv", "id,x_0,note,x_1,y_0,y_1\n5,1,0,2,3,4\n6,10,0,20,30,40\n");

        var batch = Datasets.Open(file, [Datasets.Float("x", -1, 2), Datasets.Int64("id", -1, 1)], null, "y").All().Single();

        CollectionAssert.AreEqual(new float[] { 1, 2, 10, 20 }, batch.Inputs["x"].Floats());
        CollectionAssert.AreEqual(new long[] { 5, 6 }, batch.Inputs["id"].Integers());
        CollectionAssert.AreEqual(new float[] { 3, 4, 30, 40 }, batch.Extras["y"].Floats());
    }

    [TestMethod]
    public void A_line_of_pixels_takes_the_shape_of_a_picture()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("data.csv", "label,pixel1,pixel2,pixel3,pixel4\n0,1,2,3,4\n1,5,6,7,8\n");

        CollectionAssert.AreEqual(new long[] { 2, 1, 2, 2 }, Datasets.Open(file, [Datasets.Float("x", -1, 1, 2, 2)]).All().Single().Inputs["x"].Dims);
    }

    [TestMethod]
    public void Numbers_read_the_same_in_every_country_and_keep_all_their_digits()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("data.csv", "a,b\n1e-3,-0.5\n9007199254740993,1\n");
        var inputs = (ModelInput[])[new("a", Onnx.TensorProto.Types.DataType.Double, [-1, 1]), Datasets.Float("b", -1, 1)];

        var batch = Datasets.Open(file, inputs).All().Single();

        CollectionAssert.AreEqual(new[] { 1e-3, 9007199254740992 }, batch.Inputs["a"].Doubles());
        CollectionAssert.AreEqual(new[] { -0.5f, 1 }, batch.Inputs["b"].Floats());
    }
}
