using Compress.Graph;

namespace Compress.Gradients;

/// <summary>A graph that returns gradients.</summary>
/// <param name="Model">Its outputs are the forward values that were asked for, then the gradients, in the order of the request.</param>
/// <param name="Gradients">Value → the output that is ∂L/∂value, of the value's shape.</param>
public sealed record GradientModel(OnnxModel Model, IReadOnlyDictionary<string, string> Gradients);
