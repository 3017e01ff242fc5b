using Compress.Testing;
using Compress.Graph;

namespace Compress.Core.Tests.Analysis.IndexMaps;

[TestClass]
public sealed class AttentionTests
{
    private const int Heads = 3;
    private const int Size = 2;

    [TestMethod]
    public void A_head_takes_its_columns_of_query_key_and_value_and_its_rows_of_the_projection()
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 5);
        Attend(builder, Split(builder, "x"), Split(builder, "x"), Split(builder, "x"));

        Assert.AreEqual("0,1>0,1 2,3>2,3 4,5>4,5", Travel.Of(builder));
    }

    [TestMethod]
    public void Packed_query_key_and_value_lose_a_head_in_each_part()
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 5);
        builder.Op("MatMul", ["x", builder.Constant(builder.Random(1, 5, 3 * Heads * Size))]);
        builder.Then("Reshape", null, [0, 0, 3, Heads, Size]).Then("Transpose", node => node.Set("perm", [2, 0, 3, 1, 4]));
        var all = builder.Last;
        string Part(long i) => builder.Op("Gather", [all, builder.Constant(Tensor.Of([i]))]);
        Attend(builder, Part(0), Part(1), Part(2));

        Assert.AreEqual("0,1,6,7,12,13>0,1 2,3,8,9,14,15>2,3 4,5,10,11,16,17>4,5", Travel.Of(builder));
    }

    [TestMethod]
    public void Keys_shared_by_several_query_heads_take_all_of_them()
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 5);
        var query = Split(builder, "x", heads: 4);
        Attend(builder, query, Repeated(builder), Repeated(builder), heads: 4);

        Assert.AreEqual("0,1,2,3>0,1,2,3 4,5,6,7>4,5,6,7", Travel.Of(builder));
    }

    [TestMethod]
    public void A_learned_bias_for_each_head_goes_with_it()
    {
        var builder = new ModelBuilder().Input("x", -1, 4, 5);
        Attend(builder, Split(builder, "x"), Split(builder, "x"), Split(builder, "x"), bias: true);

        Assert.AreEqual("0,1>0,1 2,3>2,3 4,5>4,5", Travel.Of(builder));
    }

    private static string Split(ModelBuilder builder, string x, int heads = Heads)
    {
        builder.Op("MatMul", [x, builder.Constant(builder.Random(1, 5, heads * Size))]);
        builder.Op("Add", [builder.Last, builder.Constant(builder.Random(1, heads * Size))]);
        return builder.Then("Reshape", null, [0, 0, heads, Size]).Then("Transpose", node => node.Set("perm", [0, 2, 1, 3])).Last;
    }

    private static string Repeated(ModelBuilder builder)
    {
        Split(builder, "x", heads: 2);
        return builder.Then("Unsqueeze", null, [2]).Then("Expand", null, [1, 2, 2, 4, Size]).Then("Reshape", null, [-1, 4, 4, Size]).Last;
    }

    private static void Attend(ModelBuilder builder, string query, string key, string value, int heads = Heads, bool bias = false)
    {
        var scores = builder.Op("MatMul", [query, builder.Op("Transpose", [key], node => node.Set("perm", [0, 1, 3, 2]))]);
        if (bias) scores = builder.Op("Add", [scores, builder.Constant(builder.Random(1, heads, 4, 4))]);
        builder.Op("MatMul", [builder.Op("Softmax", [scores]), value]);
        builder.Then("Transpose", node => node.Set("perm", [0, 2, 1, 3])).Then("Reshape", null, [0, 0, heads * Size]);
        builder.Op("MatMul", [builder.Last, builder.Constant(builder.Random(1, heads * Size, 5))]);
    }
}
