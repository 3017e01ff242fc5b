using System.Diagnostics;
using Compress.Core.Tests.Emit;
using Compress.Diagnostics;
using Compress.Runtime;

namespace Compress.Core.Tests.Runtime;

/// <summary>A library that a policy names is looked at before anything runs on it.</summary>
[TestClass]
public sealed class NativeRuntimeTests
{
    [TestMethod]
    public void A_library_that_is_not_there_is_an_error() => Assert.AreEqual(("CMP0010", 7), Refused(Path.Combine(Path.GetTempPath(), "nothing", "libonnxruntime.so")));

    [TestMethod]
    public void A_file_that_is_no_library_is_an_error()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["libonnxruntime.so"], "no library");

        Assert.AreEqual(("CMP0011", 7), Refused(folder["libonnxruntime.so"]));
    }

    [TestMethod]
    public void A_second_library_in_one_process_is_an_error()
    {
        NativeRuntime.UseAny();
        string[] names = ["libonnxruntime.so", "libonnxruntime.dylib", "onnxruntime.dll"];
        using var process = Process.GetCurrentProcess();
        var own = process.Modules.Cast<ProcessModule>().First(module => names.Contains(module.ModuleName)).FileName;
        using var folder = new TemporaryFolder();
        File.Copy(own, folder["other"]);

        Assert.AreEqual(("CMP0012", 7), Refused(folder["other"]));
    }

    private static (string, int) Refused(string library)
    {
        var error = Assert.ThrowsExactly<CompressionException>(() => NativeRuntime.Use(library, new SourceLocation("compress.yaml", 7, 14))).Diagnostic;
        return (error.Code, error.Location!.Line);
    }
}
