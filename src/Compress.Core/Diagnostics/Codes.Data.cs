namespace Compress.Diagnostics;

/// <summary>3xxx: reading calibration, validation and training data. 31xx are warnings about data that can be read.</summary>
public static partial class Codes
{
    public static Diagnostic DataMissing(SourceLocation at, string path) =>
        Error(3001, $"The data '{path}' do not exist. Paths count from the policy's folder.", at);

    public static Diagnostic DataFormatUnknown(SourceLocation at, string path) =>
        Error(3002, $"'{path}' is in no format that is known. Give an npz, npy, idx, idx.gz or csv file, a folder of PNG or JPEG images, or a folder with ONNX test_data_set_* folders.", at);

    public static Diagnostic DataUnreadable(string path, string why, bool isDenied = false) =>
        Error(3003, isDenied ? $"The data can't be read: {why}" : $"The data can't be read: {why} Is the file complete (Git LFS pointer, interrupted download)?", new(path));

    public static Diagnostic DataTruncated(string path, string array) =>
        Error(3004, $"Array '{array}' ends before its header says. The file is incomplete: copy or write it again.", new(path));

    public static Diagnostic DataHeaderInvalid(string path, string array, string why) =>
        Error(3005, $"Array '{array}' has no valid header: {why}. Write the file again with a current version of its library.", new(path));

    public static Diagnostic DataTypeUnsupported(string path, string array, string type) =>
        Error(3006, $"Array '{array}' has the element type '{type}'. Store integers of 8 to 64 bits, float16, float32, float64 or bool.", new(path));

    public static Diagnostic FortranOrder(string path, string array) =>
        Error(3007, $"Array '{array}' is stored column by column (Fortran order), so its samples can't be read one after the other. Save it through numpy.ascontiguousarray.", new(path));

    public static Diagnostic InputWithoutArray(SourceLocation at, string input, string path, string found) =>
        Error(3008, $"No array of '{path}' has the name of the model's input '{input}'. It holds {found}. Rename the array, or map it: data: {{ {input}: file.npz:array }}.", at);

    public static Diagnostic ExtraMissing(SourceLocation at, string name, string path, string found, string hint) =>
        Error(3009, $"'{path}' holds no array '{name}' for labels or targets. It holds {found}.{hint} Name one with 'labels', or do without: the metrics cosine, kl and agreement need none, and training learns from the float model.", at);

    public static Diagnostic ShapeMismatch(SourceLocation at, string input, string expected, string array, string hint) =>
        Error(3010, $"Input '{input}' takes {expected}, but its data are {array}.{hint}", at);

    public static Diagnostic SampleCountsDiffer(SourceLocation at, string counts) =>
        Error(3011, $"The arrays do not agree on the number of samples: {counts}. Axis 0 of each array counts the samples.", at);

    public static Diagnostic NoSamples(SourceLocation at, string path) =>
        Error(3012, $"'{path}' holds no samples.", at);

    public static Diagnostic ValueOutOfRange(string path, string array, long sample, string value, string input, string type) =>
        Error(3013, $"Sample {sample} of array '{array}' holds the value {value}, which input '{input}' of type {type} can't take.", new(path));

    public static Diagnostic ImageUnreadable(string path, string why) =>
        Error(3014, $"The image can't be decoded: {why}. Save it again as PNG or as baseline or progressive JPEG, or remove it.", new(path));

    public static Diagnostic NoImageInput(SourceLocation at, string path, string inputs) =>
        Error(3015, $"'{path}' is a folder of images, but the model has no single image input with 1, 3 or 4 channels (its inputs: {inputs}). Give arrays in an npz file instead.", at);

    public static Diagnostic FolderWithoutData(SourceLocation at, string path) =>
        Error(3016, $"The folder '{path}' holds neither PNG or JPEG images (directly or in one folder a class), nor npz or npy files, nor test_data_set_* folders.", at);

    public static Diagnostic ImagesInsideAndOutside(SourceLocation at, string path, string image, string folder) =>
        Error(3017, $"'{path}' holds images both directly ('{image}') and in sub-folders ('{folder}'). Sub-folders are classes: put every image into one of them, or none.", at);

    public static Diagnostic CsvRowLength(string path, int line, int expected, int found) =>
        Error(3018, $"This line has {found} cells, the first line has {expected}.", new(path, line));

    public static Diagnostic CsvCell(string path, int line, int column, string cell, string name) =>
        Error(3019, $"'{cell}' in column '{name}' is not a number.", new(path, line, column));

    public static Diagnostic PartsDiffer(string path, string first, string array, string found) =>
        Error(3020, $"'{first}' holds {array}, but this file, which is read as its continuation, holds {found}.", new(path));

    public static Diagnostic ArrayNotInFile(SourceLocation at, string array, string path, string found) =>
        Error(3021, $"'{path}' holds no array '{array}'. It holds {found}.", at);

    public static Diagnostic MapTargetUnknown(SourceLocation at, string name, string inputs) =>
        Error(3022, $"The data are mapped to '{name}', but the model has no such input. Its inputs: {inputs}.", at);

    public static Diagnostic ChannelCountMismatch(SourceLocation at, string key, int values, string input, string shape) =>
        Error(3023, $"preprocess.{key} has {values} values, but input '{input}' with data {shape} has no channel axis of that length. Give one value, or one a channel.", at);

    public static Diagnostic PreprocessInputUnusable(SourceLocation at, string name, string inputs) =>
        Error(3024, $"preprocess.inputs names '{name}', which is no floating-point input of the model. There are: {inputs}.", at);

    public static Diagnostic BatchNotFilled(SourceLocation at, string path, long samples, long batch) =>
        Error(3025, $"'{path}' holds {samples} samples, but the model takes exactly {batch} at once. Give at least {batch}.", at);

    public static Diagnostic BatchSizesDiffer(SourceLocation at, string inputs) =>
        Error(3026, $"The inputs' fixed batch sizes do not fit together: {inputs}. Add a leading axis to the arrays, so that each row is one feed.", at);

    public static Diagnostic InputTypeUnsupported(SourceLocation at, string input, string type) =>
        Error(3027, $"Input '{input}' is of type {type}; only tensors of numbers can be fed.", at);

    public static Diagnostic TestDataMissing(string path) =>
        Error(3028, $"This file of the ONNX test data is missing. Each test_data_set_* folder needs one input_N.pb for every input of the model.", new(path));

    public static Diagnostic FewSamples(SourceLocation at, int samples, int advised) =>
        Warning(3101, $"Only {samples} calibration samples: ranges may be off. Give at least {advised}, better 512.", at);

    public static Diagnostic ConstantSamples(SourceLocation at, int constant, int samples) =>
        Warning(3102, $"{constant} of {samples} calibration samples are constant or copies of another one. Use real, varied samples.", at);

    public static Diagnostic UnusualRange(SourceLocation at, string input, string values, string guess) =>
        Warning(3103, $"The calibration data of input '{input}' {values} after preprocessing, unusual for a model. {guess}", at);

    public static Diagnostic SharedSamples(SourceLocation at, int shared, int samples) =>
        Warning(3104, $"{shared} of {samples} calibration samples are also validation samples. Accuracy is judged too well: use different samples.", at);

    public static Diagnostic SamplesDropped(SourceLocation at, long dropped, long batch) =>
        Warning(3105, $"The last {dropped} samples are not used: the model takes exactly {batch} at once.", at);

    public static Diagnostic ValuesNotFinite(SourceLocation at, string input, int samples) =>
        Warning(3106, $"{samples} samples of input '{input}' hold NaN or infinite values. Remove them or repair the export.", at);

    public static Diagnostic RangesDiffer(SourceLocation at, string input, string calibration, string validation) =>
        Warning(3107, $"Input '{input}' is {calibration} in the calibration data but {validation} in the validation data. Are both preprocessed in the same way?", at);
}
