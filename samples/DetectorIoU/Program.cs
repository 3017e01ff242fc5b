using System.Globalization;
using System.Runtime.InteropServices;
using DetectorIoU;
using Microsoft.ML.OnnxRuntime;

const int Side = 64;
const int Pixels = Side * Side;

if (args is not [var model, var scenes])
{
    Console.Error.WriteLine("Usage: DetectorIoU MODEL.onnx SCENES.npz");
    return 2;
}

var images = Npy.Bytes(scenes, "input");
var boxes = MemoryMarshal.Cast<byte, Box>(Npy.Bytes(scenes, "boxes")).ToArray();
using var options = new SessionOptions { IntraOpNumThreads = 1 };
using var session = new InferenceSession(model, options);
using var run = new RunOptions();

var sum = 0.0;
for (var i = 0; i < boxes.Length; i++)
{
    var pixels = images[(i * Pixels)..((i + 1) * Pixels)].Select(pixel => pixel / 255f).ToArray();
    using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 1, Side, Side]);
    using var outputs = session.Run(run, session.InputNames, [input], session.OutputNames);
    sum += Box.Decode(outputs[0].GetTensorDataAsSpan<float>()).Overlap(boxes[i]);
}
Console.WriteLine((sum / boxes.Length).ToString("0.#####", CultureInfo.InvariantCulture));
return 0;
