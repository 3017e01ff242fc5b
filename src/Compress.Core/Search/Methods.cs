using Compress.Diagnostics;
using Compress.Policy;
using Compress.Search.Trained;

namespace Compress.Search;

/// <summary>The methods that a policy can name.</summary>
public static class Methods
{
    private static readonly Dictionary<Method, Func<IMethod>> Table = new()
    {
        [Method.Auto] = () => new AutoMethod(),
        [Method.Layerwise] = () => new LayerwiseMethod(),
        [Method.PicPq] = () => new PicPqMethod(),
        [Method.Ajpq] = () => new AjpqMethod(),
        [Method.AjpqDdpg] = () => new AjpqMethod(byReinforcement: true),
        [Method.Qap] = () => new QapMethod(),
        [Method.Fit] = () => new FitMethod(),
    };

    /// <summary>Methods that train in a way of their own; others train the plan that they find.</summary>
    private static readonly Dictionary<Method, Func<ITrainedForm>> Trained = new()
    {
        [Method.Auto] = () => new Replanned(),
        [Method.Layerwise] = () => new SiteBySite(),
        [Method.Djpq] = () => new DjpqMethod(),
        [Method.PicPq] = () => new ThreeStages(),
        [Method.Qap] = () => new VariationalTraining(),
    };

    internal static ITrainedForm TrainedOf(Method method) => Trained.TryGetValue(method, out var form) ? form() : new PlanThenTrain();

    /// <exception cref="Diagnostics.CompressionException">CMP1045: the method is nothing without training.</exception>
    public static IMethod Of(Method method) => Table.TryGetValue(method, out var make) ? make() : throw Codes.MethodNeedsTraining(PolicyKeys.Methods.Word(method), null).Error();
}
