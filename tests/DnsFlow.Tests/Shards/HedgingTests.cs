using System.Collections.Concurrent;
using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Transports.Memory;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Shards;

/// <summary>One question, two servers: who is asked when, and whose answer counts.</summary>
public sealed class HedgingTests : IDisposable
{
    private static readonly TimeSpan After = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentQueue<(Upstream Server, byte[] Query, TaskCompletionSource<UpstreamResult> End)> _hedges = new();
    private readonly ShardHarness _harness = new(group: new UpstreamGroupOptions { Strategy = "hedged", Hedge = { After = After, MaxExtra = 1 } });

    public HedgingTests() => _harness.Exchange.OnAsk = (server, _, query, cancellation) =>
    {
        var end = new TaskCompletionSource<UpstreamResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellation.UnsafeRegister(_ => end.TrySetResult(new UpstreamResult(null, UpstreamError.Abandoned, server)), null);
        _hedges.Enqueue((server, query, end));
        return end.Task;
    };

    [Fact]
    public void Answer_BeforePatienceEnds_AsksNobodyElse()
    {
        var asked = Ask();
        _harness.Elapse(After / 2);
        Answer(asked, "198.51.100.1");
        _harness.Elapse(TimeSpan.FromSeconds(5));
        Assert.Equal("198.51.100.1", Wire.FirstAddress(_harness.Response()!));
        Assert.Empty(_hedges);
    }

    [Fact]
    public async Task Hedge_AnswersFirst_Wins()
    {
        Ask();
        var hedge = await HedgeAsync();
        hedge.End.SetResult(new UpstreamResult(Wire.Answer(hedge.Query, 60, "198.51.100.2"), UpstreamError.None, hedge.Server));
        Assert.Equal("198.51.100.2", Wire.FirstAddress(await ResponseAsync()));
        Assert.Equal((1, 1, 0), (hedge.Server.Statistics.Hedges, hedge.Server.Statistics.HedgesWon, hedge.Server.Statistics.Retries));
        Assert.Equal(0, Other(hedge.Server).Statistics.Timeouts);
    }

    [Fact]
    public async Task First_AnswersFirst_WinsAndTheHedgeIsGivenUp()
    {
        var asked = Ask();
        var hedge = await HedgeAsync();
        Answer(asked, "198.51.100.1");
        Assert.Equal("198.51.100.1", Wire.FirstAddress(_harness.Response()!));
        Assert.Equal(UpstreamError.Abandoned, (await hedge.End.Task).Error);
        Assert.Equal(0, hedge.Server.Statistics.HedgesWon);
        Assert.Equal(1, Other(hedge.Server).Statistics.Answered);
    }

    [Theory]
    [InlineData(ResponseCode.ServFail)]
    [InlineData(ResponseCode.Refused)]
    public async Task HedgeAnswersBadly_FirstAnswersWellLater_TheGoodAnswerWins(ResponseCode code)
    {
        var asked = Ask();
        var hedge = await HedgeAsync();
        hedge.End.SetResult(new UpstreamResult(Wire.Empty(hedge.Query, (ushort)(0x8180 | (int)code)), UpstreamError.BadResponse, hedge.Server));
        await GivenUpAsync(hedge.Server);
        _harness.Elapse(TimeSpan.FromMilliseconds(300));
        Assert.Null(_harness.Response());
        Answer(asked, "198.51.100.1");
        Assert.Equal("198.51.100.1", Wire.FirstAddress(_harness.Response()!));
        Assert.Equal(1, _harness.Count(QueryOutcome.Forwarded));
    }

    [Fact]
    public async Task BothAnswerBadly_ClientGetsThat()
    {
        var asked = Ask();
        var hedge = await HedgeAsync();
        hedge.End.SetResult(new UpstreamResult(Wire.Empty(hedge.Query, 0x8182), UpstreamError.BadResponse, hedge.Server));
        await GivenUpAsync(hedge.Server);
        asked.Answer(Wire.Empty(asked.Query, 0x8182));
        _harness.Run();
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await ResponseAsync()).ResponseCode);
        Assert.Equal(0, _harness.Shard.InFlight);
    }

    [Fact]
    public async Task HedgeAnswersBadly_FirstStaysSilent_ClientGetsItWhenTheFirstOnesTimeIsOver()
    {
        Ask();
        var hedge = await HedgeAsync();
        hedge.End.SetResult(new UpstreamResult(Wire.Empty(hedge.Query, 0x8182), UpstreamError.BadResponse, hedge.Server));
        await GivenUpAsync(hedge.Server);
        Assert.Null(_harness.Response());
        _harness.Elapse(TimeSpan.FromSeconds(1));
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await ResponseAsync()).ResponseCode);
        Assert.Equal(1, Other(hedge.Server).Statistics.Timeouts);
        Assert.Single(_hedges);
    }

    [Fact]
    public async Task FirstAnswersBadly_HedgeAnswersWell_TheGoodAnswerWins()
    {
        var asked = Ask();
        var hedge = await HedgeAsync();
        asked.Answer(Wire.Empty(asked.Query, 0x8182));
        _harness.Run();
        Assert.Null(_harness.Response());
        hedge.End.SetResult(new UpstreamResult(Wire.Answer(hedge.Query, 60, "198.51.100.2"), UpstreamError.None, hedge.Server));
        Assert.Equal("198.51.100.2", Wire.FirstAddress(await ResponseAsync()));
    }

    [Fact]
    public void Hedge_BudgetIsSpent_WaitsForTheAttempt()
    {
        using var harness = new ShardHarness(group: new UpstreamGroupOptions { Strategy = "hedged", Hedge = { After = After, MaxExtra = 0 } });
        harness.Send(Wire.Query("a.example"));
        harness.Elapse(After * 2);      // the harness's exchange allows no attempt
        Assert.Equal(1, harness.Shard.InFlight);
    }

    [Fact]
    public async Task Parallel_Question_GoesToBothAtOnce()
    {
        using var harness = new ShardHarness(group: new UpstreamGroupOptions { Strategy = "parallel" });
        harness.Exchange.OnAsk = _harness.Exchange.OnAsk;
        harness.Send(Wire.Query("a.example"));
        await TestWait.Until(() => _hedges.Count == 1);
        Assert.Equal(1, harness.Servers.Count(server => harness.Network.Upstream(server.Endpoint).Received == 1));
        Assert.Equal(0, harness.Servers.Single(server => harness.Network.Upstream(server.Endpoint).Received == 1).Statistics.Hedges);
    }

    public void Dispose() => _harness.Dispose();

    private MemoryDatagramExchange Ask()
    {
        _harness.Send(Wire.Query("a.example"));
        var server = _harness.Servers.Single(server => _harness.Network.Upstream(server.Endpoint).Received > 0);
        return _harness.Network.Upstream(server.Endpoint).Take();
    }

    private void Answer(MemoryDatagramExchange asked, string address)
    {
        asked.Answer(Wire.Answer(asked.Query, 60, address));
        _harness.Run();
    }

    private async Task<(Upstream Server, byte[] Query, TaskCompletionSource<UpstreamResult> End)> HedgeAsync()
    {
        _harness.Elapse(After + TimeSpan.FromMilliseconds(10));
        await TestWait.Until(() => !_hedges.IsEmpty);
        Assert.True(_hedges.TryPeek(out var hedge));
        return hedge;
    }

    private async Task<byte[]> ResponseAsync()
    {
        byte[]? response = null;
        await TestWait.Until(() =>
        {
            _harness.Run();
            return (response = _harness.Response()) is not null;
        });
        return response!;
    }

    /// <summary>The shard has heard that the hedge failed: its round takes the news and waits on.</summary>
    private async Task GivenUpAsync(Upstream server)
    {
        await TestWait.Until(() => server.Statistics.Errors > 0 && _harness.Shard.Queue.Count > 0);
        _harness.Run();
    }

    private Upstream Other(Upstream server) => _harness.Servers.Single(other => other != server);
}
