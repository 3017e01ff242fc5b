using Compress.Diagnostics;
using Compress.Graph;
using Compress.Runtime.Operators;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Compress.Runtime;

/// <summary>How a model is run.</summary>
/// <param name="Threads">Threads within an operator.</param>
/// <param name="Optimize">False runs the nodes exactly as they stand.</param>
/// <param name="FuseQuantized">False leaves Quantize–Dequantize pairs as they stand: a graph to train computes in float between them.</param>
public sealed record SessionSettings(int Threads = 1, bool Optimize = true, bool FuseQuantized = true);

/// <summary>A model loaded into ONNX Runtime on the CPU. Thread-safe for runs.</summary>
public sealed class Session : IDisposable
{
    private readonly InferenceSession session;
    private readonly string path;

    /// <summary>Holds the files of a model that is too large for memory.</summary>
    private readonly ScratchFolder? folder;

    /// <exception cref="CompressionException">CMP2007 when ONNX Runtime refuses the model; <paramref name="path"/> names it.</exception>
    public Session(LoadableModel model, SessionSettings settings, string path = "") : this((model, null), settings, path, hasOwn: false) { }

    public Session(OnnxModel model, SessionSettings settings) : this(Loadable(model), settings, model.Files.FirstOrDefault() ?? "", model.OpsetOf(OwnOperators.Domain) > 0) { }

    private Session((LoadableModel Loadable, ScratchFolder? Folder) model, SessionSettings settings, string path, bool hasOwn)
    {
        (this.path, folder) = (path, model.Folder);
        try
        {
            NativeRuntime.UseAny();
            using var options = Options(settings);
            ExecutionProvider.AddTo(options);
            if (hasOwn) OwnOperators.AddTo(options);
            session = model.Loadable.Bytes is { } bytes ? new InferenceSession(bytes, options) : new InferenceSession(model.Loadable.File, options);
        }
        catch (Exception e)
        {
            folder?.Dispose();
            if (e is OnnxRuntimeException refusal) throw Codes.ModelDoesNotLoad(path, FirstLine(refusal)).Error(e);
            throw;
        }
    }

    /// <summary>The model as it is, or in files of a folder of its own.</summary>
    private static (LoadableModel, ScratchFolder?) Loadable(OnnxModel model)
    {
        if (!LoadableModel.IsLarge(model)) return (OnnxWriter.ToBytes(model), null);
        var folder = new ScratchFolder();
        try
        {
            var file = folder.File("model.onnx");
            OnnxWriter.Write(model, file, external: true);
            return (LoadableModel.At(file), folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private static SessionOptions Options(SessionSettings settings)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = settings.Threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = settings.Optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
        };
        // Idle threads that spin take the core from the next session; runs are seldom back to back here.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (!settings.FuseQuantized) options.AddSessionConfigEntry("session.disable_quant_qdq", "1");
        return options;
    }

    public IReadOnlyList<string> Inputs => session.InputNames;

    public IReadOnlyList<string> Outputs => session.OutputNames;

    /// <summary>Runs once and returns the outputs by name, in the model's order; sequences and maps are left out.</summary>
    /// <exception cref="CompressionException">CMP2008 when the run fails.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        var feeds = new Dictionary<string, OrtValue>(inputs.Count);
        try
        {
            foreach (var name in session.InputNames)
                if (inputs.TryGetValue(name, out var tensor)) feeds[name] = OrtValues.From(tensor);
            using var options = new RunOptions();
            using var results = session.Run(options, feeds, session.OutputNames);
            var outputs = new Dictionary<string, Tensor>(results.Count, StringComparer.Ordinal);
            for (var i = 0; i < results.Count; i++)
                if (OrtValues.ToTensor(results[i]) is { } tensor) outputs[session.OutputNames[i]] = tensor;
            return outputs;
        }
        catch (OnnxRuntimeException e)
        {
            throw Codes.ModelDoesNotRun(path, FirstLine(e)).Error(e);
        }
        finally
        {
            foreach (var feed in feeds.Values) feed.Dispose();
        }
    }

    /// <summary>Runs once into the arrays of results of an earlier run, all in float32 and of the same dimensions: no memory is asked for.</summary>
    /// <param name="results">All outputs. Their arrays are overwritten: whoever asked for <see cref="Tensor.Raw"/> of one before has old bytes.</param>
    /// <exception cref="CompressionException">CMP2008 when the run fails.</exception>
    internal void Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor> results)
    {
        string[] read = [.. session.InputNames.Where(inputs.ContainsKey)], written = [.. results.Keys];
        var (feeds, outputs) = (new List<OrtValue>(), new List<OrtValue>());
        try
        {
            feeds.AddRange(read.Select(name => OrtValues.From(inputs[name])));
            outputs.AddRange(written.Select(name => OrtValues.Over(results[name])));
            using var options = new RunOptions();
            session.Run(options, read, feeds, written, outputs);
        }
        catch (OnnxRuntimeException e)
        {
            throw Codes.ModelDoesNotRun(path, FirstLine(e)).Error(e);
        }
        finally
        {
            foreach (var value in feeds.Concat(outputs)) value.Dispose();
        }
    }

    public void Dispose()
    {
        session.Dispose();
        folder?.Dispose();
    }

    private static string FirstLine(OnnxRuntimeException e) => e.Message.Split('\n')[0].Trim();
}
