using DnsFlow.Limits;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;
using static DnsFlow.Tests.Upstreams.TestUpstreams;

namespace DnsFlow.Tests.Upstreams;

public sealed class UpstreamResilienceTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedExchange _exchange = new();
    private readonly TestOwner _owner = new();
    private readonly MonotonicClock _clock;
    private readonly Upstream _first = NewServer();
    private readonly Upstream _second = NewServer();

    public UpstreamResilienceTests() => _clock = new MonotonicClock(_time);

    [Fact]
    public async Task Start_FirstAttemptTimedOut_AsksTheOtherServer()
    {
        Begin(UpstreamError.Timeout);
        var attempt = await _exchange.NextAsync();
        Assert.Same(_second, attempt.Server);
        Assert.False(attempt.OverStream);
        attempt.Answer(1, 2, 3);
        var result = await _owner.Result;
        Assert.Equal([1, 2, 3], result.Response!);
        Assert.Same(_second, result.Server);
        Assert.Equal(1, _owner.Calls);
    }

    [Theory]
    [InlineData(UpstreamError.Truncated)]
    [InlineData(UpstreamError.Spoofed)]
    public async Task Start_CutOrSpoofed_AsksTheSameServerOverTcp(UpstreamError failure)
    {
        Begin(failure);
        var attempt = await _exchange.NextAsync();
        Assert.Same(_first, attempt.Server);
        Assert.True(attempt.OverStream);
        attempt.Answer(1);
        Assert.Equal(UpstreamError.None, (await _owner.Result).Error);
    }

    [Fact]
    public async Task Attempts_Overlap_LateAnswerToTheEarlierOneWins()
    {
        Begin(UpstreamError.Timeout, budgetSeconds: 600);      // time goes on while the next attempt is being made: never up to the end
        var earlier = await _exchange.NextAsync();
        var later = await AdvanceToNextAttemptAsync();
        earlier.Answer(7);
        Assert.Equal([7], (await _owner.Result).Response!);
        await Until(() => later.CancellationToken.IsCancellationRequested);
        Assert.Equal(1, _owner.Calls);
    }

    [Fact]
    public async Task BadResponse_GoodOneStillComes_GoodOneIsReturned()
    {
        Begin(UpstreamError.BadResponse, response: [9]);
        (await _exchange.NextAsync()).Answer(1);
        Assert.Equal([1], (await _owner.Result).Response!);
    }

    [Fact]
    public async Task BadResponse_NothingBetterComes_ItIsReturned()
    {
        Begin(UpstreamError.BadResponse, response: [9]);
        (await _exchange.NextAsync()).Fail(UpstreamError.Refused);
        var result = await DriveAsync();
        Assert.Equal(UpstreamError.BadResponse, result.Error);
        Assert.Equal([9], result.Response!);
    }

    [Fact]
    public async Task NobodyAnswers_AtTheDeadline_Timeout()
    {
        Begin(UpstreamError.Timeout);
        var result = await DriveAsync();
        Assert.Null(result.Response);
        Assert.Equal(UpstreamError.Timeout, result.Error);
        Assert.InRange(_exchange.Attempts.Count, 1, 2);      // with the first one three packets at most
        Assert.Equal(1, _owner.Calls);
    }

    [Fact]
    public async Task Abandon_BeforeAnAnswer_NothingIsCompleted()
    {
        var transaction = Begin(UpstreamError.Timeout);
        var attempt = await _exchange.NextAsync();
        transaction.Abandon();
        await Until(() => attempt.Task.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, _owner.Calls);
    }

    [Fact]
    public async Task Start_MoreThanMayRun_IsShedAndCounted()
    {
        using var resilience = new UpstreamResilience(_clock, maxRunning: 1, exchange: _exchange);
        resilience.Start(Transaction(UpstreamError.Timeout, null, new TestOwner()));
        await _exchange.NextAsync();
        resilience.Start(Transaction(UpstreamError.Timeout, null, _owner));
        Assert.Equal(UpstreamError.Shed, (await _owner.Result).Error);
        Assert.Equal(1, resilience.Shed);
        Assert.Equal(1, resilience.Running);
    }

    [Fact]
    public async Task Start_ServerOfStreams_IsAskedOverTcpAtOnce()
    {
        var server = NewServer(usesDatagrams: false);
        using var resilience = new UpstreamResilience(_clock, exchange: _exchange);
        resilience.Start(new Transaction(_owner, 1, Group(server), Query(), server, UpstreamError.None, _clock.Now + 4 * MonotonicClock.Second));
        var attempt = await _exchange.NextAsync();
        Assert.True(attempt.OverStream);
        attempt.Answer(1);
        await _owner.Result;
    }

    private Transaction Begin(UpstreamError failure, byte[]? response = null, int budgetSeconds = 4)
    {
        var transaction = Transaction(failure, response, _owner, budgetSeconds);
        new UpstreamResilience(_clock, exchange: _exchange).Start(transaction);
        return transaction;
    }

    private Transaction Transaction(UpstreamError failure, byte[]? response, TestOwner owner, int budgetSeconds = 4)
        => new(owner, 1, Group(_first, _second), Query(), _first, failure, _clock.Now + budgetSeconds * MonotonicClock.Second) { Response = response };

    /// <summary>Time passes in small steps until another attempt begins.</summary>
    private async Task<ScriptedExchange.Attempt> AdvanceToNextAttemptAsync()
    {
        var next = _exchange.NextAsync();
        await Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            return next.IsCompleted;
        });
        return await next;
    }

    /// <summary>Time passes in small steps until the question is over.</summary>
    private async Task<UpstreamResult> DriveAsync()
    {
        await Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            return _owner.IsDone;
        });
        return await _owner.Result;
    }
}
