using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>Resize and Upsample: axes that keep their size keep their positions; a `sizes` input follows them.</summary>
internal sealed class Resize : IIndexMap
{
    public void Relate(Node node, AxisRelations axes)
    {
        var (x, y) = (node.Input(0), node.Output);
        if (node.Text("coordinate_transformation_mode") == "tf_crop_and_resize") return;
        for (var axis = 0; axis < axes.Rank(x); axis++) axes.Join(x, axis, y, axis);
        if (!axes.Has(node, 3)) return;
        var listed = node.Ints("axes") ?? [.. Enumerable.Range(0, axes.Rank(x)).Select(axis => (long)axis)];
        var sources = axes.Sizes.Sources(node, 3);
        for (var i = 0; i < listed.Length; i++) axes.Sizes.Tie(sources?[i], y, axes.Axis(y, listed[i]), axes);
    }
}
