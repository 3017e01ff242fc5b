using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using PendulumReturn;

if (args is not [var model])
{
    Console.Error.WriteLine("Usage: PendulumReturn MODEL.onnx");
    return 2;
}

using var options = new SessionOptions { IntraOpNumThreads = 1 };
using var session = new InferenceSession(model, options);
using var run = new RunOptions();

var result = Pendulum.MeanReturn(observations =>
{
    using var input = OrtValue.CreateTensorValueFromMemory(observations, [observations.Length / 3, 3]);
    using var outputs = session.Run(run, session.InputNames, [input], session.OutputNames);
    return outputs[0].GetTensorDataAsSpan<float>().ToArray();
});
Console.WriteLine(result.ToString("0.###", CultureInfo.InvariantCulture));
return 0;
