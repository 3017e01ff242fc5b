using Compress.Diagnostics;
using Onnx;

namespace Compress.Graph;

/// <summary>
/// Puts the bodies of model-local functions in place of their calls, so that layers inside them are layers of the graph. A body
/// written for an older opset is upgraded to the model's; one written for a newer opset raises the model's.
/// </summary>
public static class FunctionInlining
{
    /// <exception cref="CompressionException">CMP2016 for recursive functions, CMP2020 when opsets can't be reconciled.</exception>
    public static OnnxModel Apply(OnnxModel model)
    {
        var functions = model.Header.Functions;
        if (functions.Count == 0) return model;
        var newest = functions.Max(OpsetOf);
        var copy = model.Opset == 0 || newest <= model.Opset ? model.Clone() : OpsetUpgrade.To(model, newest);
        foreach (var import in functions.SelectMany(function => function.OpsetImport))
            if (copy.OpsetOf(import.Domain) < import.Version) copy.SetOpset(import.Domain, (int)import.Version);

        new Inliner(copy).Inline(copy.Graph, []);
        copy.Header.Functions.Clear();
        return copy;
    }

    internal static int OpsetOf(FunctionProto function) => (int)(function.OpsetImport.FirstOrDefault(import => import.Domain is "" or "ai.onnx")?.Version ?? 0);
}
