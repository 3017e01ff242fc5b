using Compress.Graph;

namespace Compress.Apply;

/// <summary>The last touch before a model is written: nothing in it that is not needed to run it, every internal name as short as can be.</summary>
public static class Lean
{
    public static OnnxModel Apply(OnnxModel model) => ShortNames.Apply(Cleanup.Apply(model));
}
