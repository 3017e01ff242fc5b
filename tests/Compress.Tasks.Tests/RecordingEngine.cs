using System.Collections;
using Microsoft.Build.Framework;

namespace Compress.Tasks.Tests;

/// <summary>MSBuild as a task sees it: keeps what is logged, and has cores to give.</summary>
internal sealed class RecordingEngine(int cores) : IBuildEngine9
{
    private readonly Dictionary<object, object> registered = [];

    public List<BuildErrorEventArgs> Errors { get; } = [];

    public List<BuildWarningEventArgs> Warnings { get; } = [];

    public List<BuildMessageEventArgs> Messages { get; } = [];

    public int CoresInUse { get; private set; }

    public bool ContinueOnError => false;

    public int LineNumberOfTaskNode => 0;

    public int ColumnNumberOfTaskNode => 0;

    public string ProjectFileOfTaskNode => "";

    public bool IsRunningMultipleNodes => false;

    public bool AllowFailureWithoutError { get; set; }

    public void LogErrorEvent(BuildErrorEventArgs e) => Add(Errors, e);

    public void LogWarningEvent(BuildWarningEventArgs e) => Add(Warnings, e);

    public void LogMessageEvent(BuildMessageEventArgs e) => Add(Messages, e);

    public void LogCustomEvent(CustomBuildEventArgs e) { }

    public void LogTelemetry(string eventName, IDictionary<string, string> properties) { }

    public int RequestCores(int requested) => CoresInUse = Math.Min(requested, cores);

    public void ReleaseCores(int released) => CoresInUse -= released;

    public bool ShouldTreatWarningAsError(string warningCode) => false;

    public IReadOnlyDictionary<string, string> GetGlobalProperties() => new Dictionary<string, string>();

    public void Yield() { }

    public void Reacquire() { }

    public void RegisterTaskObject(object key, object value, RegisteredTaskObjectLifetime lifetime, bool allowEarlyCollection) => registered.Add(key, value);

    public object GetRegisteredTaskObject(object key, RegisteredTaskObjectLifetime lifetime) => registered.GetValueOrDefault(key)!;

    public object UnregisterTaskObject(object key, RegisteredTaskObjectLifetime lifetime) => throw new NotSupportedException();

    public bool BuildProjectFile(string project, string[] targets, IDictionary properties, IDictionary outputs) => throw new NotSupportedException();

    public bool BuildProjectFile(string project, string[] targets, IDictionary properties, IDictionary outputs, string tools) => throw new NotSupportedException();

    public bool BuildProjectFilesInParallel(string[] projects, string[] targets, IDictionary[] properties, IDictionary[] outputs, string[] tools, bool cached, bool unload) => throw new NotSupportedException();

    public BuildEngineResult BuildProjectFilesInParallel(string[] projects, string[] targets, IDictionary[] properties, IList<string>[] removed, string[] tools, bool returnOutputs) => throw new NotSupportedException();

    private static void Add<T>(List<T> list, T item)
    {
        lock (list) list.Add(item);
    }
}
