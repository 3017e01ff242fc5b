using Compress.Core.Tests.Emit;
using Compress.Diagnostics;
using Compress.Policy;

namespace Compress.Core.Tests.Policy;

/// <summary>A policy in a folder of its own, beside stand-ins for the files that it names: model.onnx, data.npz and those given.</summary>
internal sealed class PolicyFolder : IDisposable
{
    /// <summary>What stands before the keys of <see cref="ReadModel"/>: they start on line 4, column 5.</summary>
    private const string Head = "version: 1\nmodels:\n  - model: model.onnx\n";

    private readonly TemporaryFolder folder = new();

    public PolicyFolder(params string[] files)
    {
        foreach (var file in (string[])["model.onnx", "data.npz", .. files]) folder.Write(file, "");
    }

    public string this[string name] => folder[name];

    public CompressionPolicy Read(string yaml) => PolicyReader.Read(folder.Write("compress.yaml", yaml));

    /// <summary>A policy with one model, of these keys.</summary>
    public ModelPolicy ReadModel(string keys) => Read(Head + "    " + keys.ReplaceLineEndings("\n    ")).Models.Single();

    /// <summary>The mistake in a policy, as "CMP1010 at 4:5".</summary>
    public string Mistake(string yaml)
    {
        var diagnostic = Assert.ThrowsExactly<CompressionException>(() => Read(yaml)).Diagnostic;
        return $"{diagnostic.Code} at {diagnostic.Location!.Line}:{diagnostic.Location.Column}";
    }

    public void Dispose() => folder.Dispose();
}
