using Compress.Graph;

namespace Compress.Testing.Networks;

/// <summary>A faithful re-creation of a published architecture, smaller, with weights from a seed.</summary>
/// <param name="Name">The architecture.</param>
/// <param name="Model">Weights scaled as in training's first step; statistics of BatchNormalization are those that the data really give.</param>
/// <param name="Data">Input name → samples along axis 0, from a seed.</param>
public sealed record Network(string Name, OnnxModel Model, Func<int, int, IReadOnlyDictionary<string, Tensor>> Data)
{
    private const int FittedOn = 16;

    /// <summary>The architectures by name, each built when it is asked for.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Network>> All = new SortedDictionary<string, Func<Network>>(StringComparer.Ordinal)
    {
        ["resnet-bottleneck"] = () => Of("resnet-bottleneck", Convolutional.ResNet(), 64),
        ["densenet"] = () => Of("densenet", Convolutional.DenseNet(), 64),
        ["shufflenet"] = () => Of("shufflenet", Convolutional.ShuffleNet(), 64),
        ["efficientnet"] = () => Of("efficientnet", Convolutional.EfficientNet(), 64),
        ["convnext"] = () => Of("convnext", Convolutional.ConvNeXt(), 64),
        ["u-net"] = () => Of("u-net", DensePrediction.UNet(), 64),
        ["yolo"] = () => Of("yolo", DensePrediction.Yolo(), 96),
        ["super-resolution"] = () => Of("super-resolution", DensePrediction.SuperResolution(), 32),
        ["vit"] = () => Of("vit", Transformers.ViT(), 64),
        ["bert"] = () => new("bert", Transformers.Bert(), SyntheticData.Tokens),
        ["lstm-encoder"] = () => new("lstm-encoder", Recurrent.LstmEncoder(), SyntheticData.Ids),
        ["gru"] = () => new("gru", Recurrent.Gru(), SyntheticData.Sound),
    };

    private static Network Of(string name, OnnxModel model, int size)
    {
        IReadOnlyDictionary<string, Tensor> Images(int seed, int count) => SyntheticData.Images(seed, count, size);
        return new(name, BatchStatistics.Fit(model, Images(1, FittedOn)), Images);
    }
}
