using Compress.Graph;
using Compress.Plan;

namespace Compress.Training;

/// <summary>The step of an activation's grid, trained by its logarithm.</summary>
/// <param name="root">The value that names the grid.</param>
/// <param name="input">The input that carries the step.</param>
internal sealed class LearnedStep(string root, string input, Quantizer start) : ILearned
{
    private readonly Parameter parameter = new([MathF.Log(start.Scale)], [LearnedLayer.ScaleUnit]);

    public string Root => root;

    public Quantizer Grid => start with { Scale = Step };

    public IEnumerable<Parameter> Parameters => [parameter];

    private float Step => MathF.Exp(parameter.Values[0]);

    public void Feed(IDictionary<string, Tensor> feed) => feed[input] = Tensor.Scalar(Step);

    public void Take(Func<string, float[]> gradient, double progress) => parameter.Gradient[0] = gradient(input)[0] * Step;
}
