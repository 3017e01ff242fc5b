using System.Diagnostics;
using System.IO.Compression;
using Microsoft.ML.OnnxRuntime;

// What the build put into the output folder, whatever it made of the model.
var path = Path.Combine(AppContext.BaseDirectory, "models", "resnet20.onnx");
var images = ReadIdx("test-images.idx3-ubyte.gz", header: 16);
var labels = ReadIdx("test-labels.idx1-ubyte.gz", header: 8);

using var options = new SessionOptions { IntraOpNumThreads = 1 };
using var session = new InferenceSession(path, options);
using var run = new RunOptions();
var times = new double[labels.Length];
var correct = 0;
for (var i = 0; i < labels.Length; i++)
{
    var pixels = images.AsSpan(i * 784, 784).ToArray().Select(pixel => (pixel / 255f - 0.2860f) / 0.3530f).ToArray();
    using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 1, 28, 28]);
    var start = Stopwatch.GetTimestamp();
    using var outputs = session.Run(run, session.InputNames, [input], session.OutputNames);
    times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    var scores = outputs[0].GetTensorDataAsSpan<float>();
    if (IndexOfLargest(scores) == labels[i]) correct++;
}

Array.Sort(times);
Console.WriteLine($"model      {path} ({new FileInfo(path).Length:#,0} bytes)");
Console.WriteLine($"accuracy   {100.0 * correct / labels.Length:0.0} % of {labels.Length:#,0} test images");
Console.WriteLine($"time       {times[times.Length / 2]:0.00} ms an image");

// IDX: a big-endian header, then one byte a value.
static byte[] ReadIdx(string name, int header)
{
    using var file = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "images", name)), CompressionMode.Decompress);
    using var bytes = new MemoryStream();
    file.CopyTo(bytes);
    return bytes.ToArray()[header..];
}

static int IndexOfLargest(ReadOnlySpan<float> values)
{
    var best = 0;
    for (var i = 1; i < values.Length; i++)
        if (values[i] > values[best]) best = i;
    return best;
}
