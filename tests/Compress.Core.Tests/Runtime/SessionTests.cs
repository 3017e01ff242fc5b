using Compress.Graph;
using Compress.Runtime;
using Compress.Testing;

namespace Compress.Core.Tests.Runtime;

[TestClass]
public sealed class SessionTests
{
    [TestMethod]
    public void A_model_runs_and_its_outputs_come_back_by_name()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 8, 8).Conv(4, 3).Relu().GlobalPool().Flatten().Dense(5);
        using var session = new Session(builder.Build(), new SessionSettings());

        var outputs = session.Run(builder.Feed(batch: 2));

        CollectionAssert.AreEqual(new long[] { 2, 5 }, outputs[builder.Last].Dims);
    }
}
