using Compress.Policy;

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

    public static IEnumerable<Method> Available => Table.Keys.Order();

    public static IMethod Of(Method method) => Table[method]();
}
