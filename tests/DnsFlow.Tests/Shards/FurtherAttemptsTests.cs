using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Shards;

public sealed class FurtherAttemptsTests
{
    [Fact]
    public void Upstream_Silent_ServicePlaneAnswersAndLateAnswerIsCounted()
    {
        using var harness = new ShardHarness();
        harness.Exchange.OnAsk = (server, _, query, _) => Task.FromResult(new UpstreamResult(Wire.Answer(query, 60, "203.0.113.9"), UpstreamError.None, server));
        harness.Send(Wire.Query("a.example"));
        var asked = harness.Upstream.Take();
        harness.Elapse(TimeSpan.FromSeconds(1));
        WaitFor(harness, () => harness.Network.WaitingForClients > 0);
        Assert.Equal("203.0.113.9", Wire.FirstAddress(harness.Response()!));

        asked.Answer(Wire.Answer(asked.Query, 60, "198.51.100.7"));
        harness.Run();
        Assert.Null(harness.Response());
    }

    [Fact]
    public void Upstream_AnswersAfterTheAttemptWasGivenUp_StillCounts()
    {
        using var harness = new ShardHarness();
        harness.Exchange.OnAsk = (_, _, _, _) => new TaskCompletionSource<UpstreamResult>().Task;
        harness.Send(Wire.Query("a.example"));
        var asked = harness.Upstream.Take();
        harness.Elapse(TimeSpan.FromSeconds(2));
        asked.Answer(Wire.Answer(asked.Query, 60, "198.51.100.7"));
        harness.Run();
        Assert.Equal("198.51.100.7", Wire.FirstAddress(harness.Response()!));
        Assert.Equal(0, harness.Shard.InFlight);
    }

    [Fact]
    public void Upstream_NobodyAnswers_ServFailWithExtendedErrorBeforeFiveSeconds()
    {
        using var harness = new ShardHarness();
        harness.Exchange.OnAsk = (_, _, _, _) => new TaskCompletionSource<UpstreamResult>().Task;
        harness.Send(Wire.Query("a.example", udpSize: 1232));
        harness.Elapse(TimeSpan.FromSeconds(1));
        Assert.Null(harness.Response());
        harness.Elapse(TimeSpan.FromSeconds(3.6));

        var response = harness.Response()!;
        Assert.Equal(ResponseCode.ServFail, Wire.Header(response).ResponseCode);
        Assert.Equal([0, 15, 0, 2, 0, 22], response[^6..]);     // RFC 8914: No Reachable Authority
        Assert.Equal(1, harness.Count(QueryOutcome.Failed));
        Assert.Equal(0, harness.Shard.InFlight);
    }

    [Fact]
    public void Upstream_Refuses_ServicePlaneIsAskedAtOnce()
    {
        using var harness = new ShardHarness();
        harness.Exchange.OnAsk = (server, _, query, _) => Task.FromResult(new UpstreamResult(Wire.Answer(query, 60, "203.0.113.9"), UpstreamError.None, server));
        harness.Send(Wire.Query("a.example"));
        harness.Upstream.Take().Refuse();
        harness.Run();
        WaitFor(harness, () => harness.Network.WaitingForClients > 0);
        Assert.Equal("203.0.113.9", Wire.FirstAddress(harness.Response()!));
    }

    private static void WaitFor(ShardHarness harness, Func<bool> condition)
        => Assert.True(SpinWait.SpinUntil(
            () =>
            {
                harness.Run();
                return condition();
            },
            TimeSpan.FromSeconds(10)));
}
