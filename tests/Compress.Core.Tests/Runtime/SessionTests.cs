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

    [TestMethod]
    public void Results_of_one_run_are_room_for_those_of_the_next()
    {
        var builder = new ModelBuilder().Input("x", -1, 3, 8, 8).Conv(4, 3).Relu().GlobalPool().Flatten().Dense(5);
        using var session = new Session(builder.Build(), new SessionSettings());
        var (feed, other) = (builder.Feed(batch: 2), new Dictionary<string, Tensor> { ["x"] = new ModelBuilder(seed: 7).Random(1, 2, 3, 8, 8) });
        var results = session.Run(feed);
        var (array, first) = (results[builder.Last].Floats(), results[builder.Last].Floats().ToArray());

        session.Run(other, results);

        CollectionAssert.AreEqual(session.Run(other)[builder.Last].Floats(), array);
        CollectionAssert.AreNotEqual(first, array);
    }
}
