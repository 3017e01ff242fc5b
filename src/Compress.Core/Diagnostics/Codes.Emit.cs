namespace Compress.Diagnostics;

/// <summary>8xxx: emitting files.</summary>
public static partial class Codes
{
    public static Diagnostic CannotWrite(string path, string why) =>
        Error(8001, $"The file can't be written: {why.TrimEnd('.')}. Is it open in another program, is the folder read-only, is the disk full?", new(path));

    public static Diagnostic LockMissing(string path, string model) =>
        Error(8002, $"Locked mode, but the lock file has no plan for '{model}'. Build once without CompressLocked and commit the lock file.", new(path));

    public static Diagnostic LockStale(string path, string model, IEnumerable<string> changes) =>
        Error(8003, $"Locked mode, but the plan for '{model}' was made from something else; changed: {string.Join(", ", changes)}. Build once without CompressLocked and commit the lock file.", new(path));

    public static Diagnostic LockMalformed(string path, int line, string why) =>
        Error(8004, $"The lock file can't be read: {why} Resolve a merge conflict in it, or delete it and build again.", new(path, line));

    public static Diagnostic LockFromNewer(string path) =>
        Error(8005, "The lock file was written by a newer version of Compress.Build. Use that version, or delete the file and build again.", new(path));

    public static Diagnostic LockOutputDiffers(string path, string model) =>
        Warning(8006, $"The locked plan for '{model}' gave a model with other bytes than the lock file records. Another processor or ONNX Runtime rounds differently; the accuracy gate was checked on this one.", new(path));

    public static Diagnostic RuntimeTooOld(SourceLocation at, string version, int opset, int ir, int writtenOpset, long writtenIr, string needed) =>
        Error(8007, $"The compressed model has operator set {writtenOpset} and IR version {writtenIr}, but Microsoft.ML.OnnxRuntime {version}, which the project references, loads operator sets up to {opset} and IR versions up to {ir}. Reference {needed} or newer. If the application ships another native library, name it with 'runtime:'.", at);

    public static Diagnostic OperatorTooNew(SourceLocation at, string version, string op, string needed) =>
        Error(8008, $"The compressed model has the operator {op}, which Microsoft.ML.OnnxRuntime {version}, the one that the project references, does not know in this form. Reference {needed} or newer, or leave 'keep-packed' out. If the application ships another native library, name it with 'runtime:'.", at);

    public static Diagnostic LockUnreadable(string path, string why) =>
        Error(8009, $"The lock file can't be opened: {why} Is it open in another program, or may this user not read it?", new(path));
}
