namespace Compress.Diagnostics;

/// <summary>2xxx: reading models.</summary>
public static partial class Codes
{
    public static Diagnostic ModelMissing(string path) =>
        Error(2001, $"The model '{path}' does not exist. Check the path in the policy or in CompressModel.", new(path));

    public static Diagnostic ModelUnreadable(string path, Exception e) =>
        Error(2002, e is UnauthorizedAccessException ? $"The model can't be read: {e.Message}" : $"The model can't be read as ONNX: {e.Message.TrimEnd('.')}. Is the file complete? An interrupted download ends like this.", new(path));

    public static Diagnostic NotAModel(string path, string what) =>
        Error(2003, $"The file holds no ONNX graph{(what.Length > 0 ? $"; it looks like {what}" : "")}. Export the model to ONNX and name that file.", new(path));

    public static Diagnostic ExternalDataOutside(string path, string tensor, string location) =>
        Error(2004, $"Tensor '{tensor}' names external data at '{location}', which is not inside the model's folder. Move the data beside the model.", new(path));

    public static Diagnostic ExternalDataMissing(string path, string tensor, string location) =>
        Error(2005, $"Tensor '{tensor}' has its values in '{location}', which does not exist. Copy that file beside the model.", new(path));

    public static Diagnostic ExternalDataShort(string path, string tensor, string location) =>
        Error(2006, $"Tensor '{tensor}' reaches past the end of '{location}'. The external data file is incomplete or belongs to another model.", new(path));

    public static Diagnostic ModelDoesNotLoad(string path, string why) =>
        Error(2007, $"ONNX Runtime does not load the model: {why}", new(path));

    public static Diagnostic ModelDoesNotRun(string path, string why) =>
        Error(2008, $"ONNX Runtime fails to run the model on the given data (where there are none, on zeros, open dimensions being 1): {why} Do the data fit the model's inputs? Without any, name some with 'calibration'; 'inspect' takes those of '--policy'.", new(path));

    public static Diagnostic ModelEmpty(string path) =>
        Error(2009, "The model file is empty (0 bytes). Was it checked out or copied completely?", new(path));

    public static Diagnostic ModelIsLfsPointer(string path) =>
        Error(2010, "The file is a Git LFS pointer, not the model itself. Run 'git lfs install' and 'git lfs pull'; on a build server, check out with LFS.", new(path));

    public static Diagnostic OpsetTooOld(string path, int opset, int oldest) =>
        Error(2011, $"The model uses opset {opset}; the oldest that is understood is {oldest}. Export it again with a newer opset.", new(path));

    public static Diagnostic OpsetTooNew(string path, int opset, int newest) =>
        Error(2012, $"The model uses opset {opset}; the newest that is understood is {newest}. Export it with that opset, or use a newer Compress.Build.", new(path));

    public static Diagnostic IrTooNew(string path, long version, long newest) =>
        Error(2013, $"The model has IR version {version}; the newest that is understood is {newest}. Save it with an older ONNX, or use a newer Compress.Build.", new(path));

    public static Diagnostic TensorTooLarge(string path, string tensor, long bytes) =>
        Error(2014, $"Tensor '{tensor}' has {bytes} bytes; at most {Array.MaxLength} are possible. Split it, or keep this model out of compression.", new(path));

    public static Diagnostic SparseInvalid(string path, string tensor, string why) =>
        Error(2015, $"The sparse tensor '{tensor}' is damaged: {why}. Export the model again.", new(path));

    public static Diagnostic FunctionRecursive(string path, string function) =>
        Error(2016, $"The model-local function '{function}' calls itself, which ONNX forbids. Export the model again.", new(path));

    public static Diagnostic TrainingDropped(string path) =>
        Warning(2017, "The model holds training information. It is left out: the compressed model is for inference.", new(path));

    public static Diagnostic DefaultsFixed(string path, string names) =>
        Warning(2018, $"Some constants are also inputs, so callers may replace them: {names}. In the compressed model they are fixed.", new(path));

    public static Diagnostic ModelTooLarge(string path, long bytes) =>
        Error(2019, $"The model to write has {bytes} bytes, and one file holds 2 GB. A float model may be larger, with external data; ask for fewer bits, so that the compressed one is not.", new(path));

    public static Diagnostic NoUpgrade(string node, string why) =>
        Error(2020, $"Node {node} can't be written in a newer opset without changing its result: {why}. Export the model with opset 13 or later.");

    public static Diagnostic ValueTwice(string path, string value) =>
        Error(2030, $"The value '{value}' is defined more than once. The model is not valid ONNX; export it again.", new(path));

    public static Diagnostic ValueUndefined(string path, string node, string value) =>
        Error(2031, $"Node {node} reads '{value}', which nothing defines. The model is not valid ONNX; export it again.", new(path));

    public static Diagnostic OutOfOrder(string path, string node, string value) =>
        Error(2032, $"Node {node} reads '{value}' before it is made: the nodes form a cycle or are out of order. The model is not valid ONNX; export it again.", new(path));

    public static Diagnostic OutputUndefined(string path, string output) =>
        Error(2033, $"Nothing defines the output '{output}'. The model is not valid ONNX; export it again.", new(path));

    public static Diagnostic ConstantSize(string path, string tensor, string why) =>
        Error(2034, $"The values of tensor '{tensor}' do not fit its shape: {why}. The model is not valid ONNX; export it again.", new(path));

    public static Diagnostic DomainMissing(string path, string node, string domain) =>
        Error(2035, $"Node {node} is of the domain '{domain}', for which the model imports no operator set. The model is not valid ONNX; export it again.", new(path));

    public static Diagnostic AttributeInvalid(string path, string node, string attribute) =>
        Error(2036, $"The attribute '{attribute}' of node {node} has no type or no value. The model is not valid ONNX; export it again.", new(path));

    public static Diagnostic NodeIncomplete(string path, string node) =>
        Error(2037, $"Node {node} has no operator or no output. The model is not valid ONNX; export it again.", new(path));
}
