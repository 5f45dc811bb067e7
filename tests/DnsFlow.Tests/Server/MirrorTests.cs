using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Server;

/// <summary>Questions that a second group is asked as well.</summary>
public sealed class MirrorTests
{
    private const string Rules = """
        "QueryRules": [
          { "Name": "trial", "When": { "Domains": ["mirrored.example"] }, "Action": "mirror", "To": "second" },
          { "Name": "rest", "Action": "forward", "To": "default" }]
        """;

    [Fact]
    public async Task Mirror_SecondGroupIsSilent_TakesSoManyPlacesAndNoMore_AndTheAnswersAreAsEver()
    {
        var time = new ManualTimeProvider();
        await using var first = new FakeUpstream().Always(FakeReplies.Answer("192.0.2.7"));
        await using var second = new FakeUpstream().Always(FakeReplies.Silent);
        await using var proxy = await StartAsync(first, second, time);
        const int Asked = MirroredQuestions.MaxInFlight + 44;
        for (var i = 0; i < Asked; i++)
        {
            Assert.Equal("192.0.2.7", Wire.FirstAddress(await proxy.AskAsync(Wire.Query($"n{i}.mirrored.example"))));
        }

        var stats = proxy.Stats;
        Assert.Equal((Asked, 0, Asked), (stats.Queries.Total, stats.Queries.InFlight, stats.Queries.ByOutcome["forwarded"]));
        Assert.Equal(44, stats.Limits.Shed["mirror"]);
        Assert.Equal(new QueueStats("mirror", MirroredQuestions.MaxInFlight, MirroredQuestions.MaxInFlight), stats.Queues.Single(static queue => queue.Queue == "mirror"));

        // The places come back when the second group's time is over.
        for (var i = 0; proxy.Stats.Queues.Single(static queue => queue.Queue == "mirror").Depth > 0; i++)
        {
            Assert.True(i < 1_000, "the mirrored questions never end");
            time.Advance(TimeSpan.FromMilliseconds(100));
            await proxy.AskAsync(Wire.Query("other.example"));
        }
    }

    [Fact]
    public async Task Mirror_SecondGroupAnswersOtherwise_IsIgnoredAndNeverCached()
    {
        await using var first = new FakeUpstream().Always(FakeReplies.Answer("192.0.2.7"));
        await using var second = new FakeUpstream().Always(FakeReplies.Code(ResponseCode.ServFail));
        await using var proxy = await StartAsync(first, second, TimeProvider.System);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("192.0.2.7", Wire.FirstAddress(await proxy.AskAsync(Wire.Query("mirrored.example"))));
            await second.NextQueryAsync();          // also when the cache answers: the second group is to see what clients ask
            await TestWait.Until(() => proxy.Stats.Queues.Single(static queue => queue.Queue == "mirror").Depth == 0);
        }

        Assert.Equal((1, 1), (proxy.Stats.Queries.ByOutcome["forwarded"], proxy.Stats.Queries.ByOutcome["cached"]));
        Assert.DoesNotContain("mirror", proxy.Stats.Limits.Shed.Keys);
    }

    private static Task<ProxyHarness> StartAsync(FakeUpstream first, FakeUpstream second, TimeProvider time) => ProxyHarness.StartAsync(
        $$"""  "Upstreams": { "default": { "Servers": ["{{first.Endpoint}}"] }, "second": { "Servers": ["{{second.Endpoint}}"] } }, {{Rules}}  """, time);
}
