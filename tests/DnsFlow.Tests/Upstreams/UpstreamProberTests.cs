using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;
using static DnsFlow.Tests.Upstreams.TestUpstreams;

namespace DnsFlow.Tests.Upstreams;

public sealed class UpstreamProberTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly MonotonicClock _clock;
    private readonly ScriptedExchange _exchange = new();
    private readonly UpstreamProber _prober;
    private readonly Upstream _first = NewServer();
    private readonly Upstream _second = NewServer();

    public UpstreamProberTests()
    {
        _clock = new MonotonicClock(_time);
        _prober = new UpstreamProber(_exchange, _clock);
    }

    [Fact]
    public async Task Watch_ServerIsBack_IsFoundWithinThreeSecondsWithoutAClientsQuery()
    {
        var group = await WatchDownAsync(new UpstreamGroupOptions());
        for (var i = 0; i < 20; i++)
        {
            Elapse(TimeSpan.FromSeconds(1));        // it stays silent
        }

        Assert.True(_first.Health.IsDown);
        Assert.InRange(_exchange.Attempts.Count, 7, 12);
        var before = _exchange.Attempts.Count;
        for (var i = 0; i < 12 && _exchange.Attempts.Count == before; i++)
        {
            Elapse(TimeSpan.FromMilliseconds(250));
        }

        _exchange.Attempts.Last().Answer(0);
        await Until(() => !_first.Health.IsDown);
        Assert.All(_exchange.Attempts, attempt => Assert.Same(_first, attempt.Server));
        Assert.Equal(_exchange.Attempts.Count, _first.Statistics.Probes);
        Assert.Equal(_first.Statistics.Probes, _first.Statistics.Sent);
        Elapse(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _time.PendingTimers);
        Assert.False(group.WantsProbing);
    }

    [Fact]
    public async Task Watch_NobodyAsksAnyMore_ComesToRest()
    {
        await WatchDownAsync(new UpstreamGroupOptions());
        Elapse(TimeSpan.FromSeconds(45));
        Assert.Equal(0, _time.PendingTimers);
        var probes = _exchange.Attempts.Count;
        Elapse(TimeSpan.FromMinutes(5));
        Assert.Equal(probes, _exchange.Attempts.Count);
    }

    [Fact]
    public async Task Watch_BadResponse_CountsAsAlive()
    {
        await WatchDownAsync(new UpstreamGroupOptions());
        Elapse(TimeSpan.FromSeconds(1.25));
        _exchange.Attempts.Single().Fail(UpstreamError.BadResponse);
        await Until(() => !_first.Health.IsDown);
    }

    [Fact]
    public async Task Watch_Always_AsksTheQuietOnesToo()
    {
        var options = new UpstreamGroupOptions { Probe = ProbeMode.Always };
        using var group = Group(options, _first, _second);
        Assert.True(group.WantsProbing);
        _prober.Watch(group);
        await Until(() => _time.PendingTimers == 1);
        Elapse(TimeSpan.FromSeconds(11));
        Assert.Equal([_first, _second], _exchange.Attempts.Select(attempt => attempt.Server));
    }

    [Fact]
    public async Task Watch_GroupIsGone_Ends()
    {
        var group = await WatchDownAsync(new UpstreamGroupOptions());
        group.Dispose();
        Elapse(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _time.PendingTimers);
    }

    [Theory]
    [InlineData(".", RecordType.NS)]
    [InlineData("www.example", RecordType.A)]
    public void ProbeQuery_Name_IsAnOrdinaryQuestion(string name, RecordType type)
    {
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(new UpstreamGroupOptions { ProbeName = name }.MakeProbeQuery(), out var view));
        Assert.Equal(type, view.Type);
    }

    public void Dispose() => _prober.Dispose();

    private async Task<UpstreamGroup> WatchDownAsync(UpstreamGroupOptions options)
    {
        var group = Group(options, _first, _second);
        TakeDown(_first, _clock.Now);
        group.ChooseFirst(_clock.Now);
        _prober.Watch(group);
        await Until(() => _time.PendingTimers == 1);
        return group;
    }

    private void Elapse(TimeSpan time) => _time.Advance(time);
}
