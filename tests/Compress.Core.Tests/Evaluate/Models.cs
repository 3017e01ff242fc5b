using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Evaluate;

/// <summary>Models of one or two nodes whose output is known without running them.</summary>
internal static class Models
{
    /// <summary>y = x.</summary>
    public static byte[] Identity(params long[] dims)
    {
        var builder = new ModelBuilder().Input("x", dims);
        builder.Op("Identity", ["x"]);
        return OnnxWriter.ToBytes(builder.Build());
    }

    /// <summary>y = x · scale + shift, elementwise.</summary>
    public static byte[] Affine(float[] scale, float[] shift, params long[] dims)
    {
        var builder = new ModelBuilder().Input("x", dims);
        var scaled = builder.Op("Mul", ["x", builder.Constant(Tensor.Of(scale, scale.Length))]);
        builder.Op("Add", [scaled, builder.Constant(Tensor.Of(shift, shift.Length))]);
        return OnnxWriter.ToBytes(builder.Build());
    }

    public static float[] Normal(Random random, int count, double deviation = 1) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}
