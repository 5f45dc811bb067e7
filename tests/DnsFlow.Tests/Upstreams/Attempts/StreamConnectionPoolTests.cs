using DnsFlow.Limits;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Attempts;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Upstreams.Attempts;

/// <summary>How many questions one server is asked at once, and what becomes of the rest. Time stands still, so that nothing is overdue.</summary>
public sealed class StreamConnectionPoolTests
{
    private const int Places = StreamConnectionPool.MaxConnections * StreamConnection.MaxInFlight;

    [Fact]
    public async Task AskAsync_AllPlacesTaken_TheRestWaitsAndWhatIsTooMuchIsTurnedAway()
    {
        var clock = new MonotonicClock(new ManualTimeProvider());
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new FakeUpstream().AlwaysOnStream(FakeReplies.Held(answers.Task, FakeReplies.Answer("192.0.2.7")));
        using var connections = UpstreamConnections.Create(clock, static _ => false, NullLogger.Instance);
        using var pool = new StreamConnectionPool(TestUpstreams.For(server, usesDatagrams: false), clock, connections.Dialer);
        var asked = Ask(pool, Places + StreamConnectionPool.MaxWaiting);
        await TestUpstreams.Until(() => server.Queries.Count == Places);
        Assert.Equal(UpstreamError.Shed, (await pool.AskAsync(TestUpstreams.Query(), CancellationToken.None)).Error);
        Assert.Equal(1, pool.Refused);
        Assert.Equal(StreamConnectionPool.MaxConnections, pool.Count);
        Assert.DoesNotContain(asked, static question => question.IsCompleted);

        answers.SetResult();
        Assert.All(await Task.WhenAll(asked), static result => Assert.Equal("192.0.2.7", TestUpstreams.AddressIn(result)));
        Assert.Equal(1, pool.Refused);
    }

    [Fact]
    public async Task AskAsync_WaitsAndIsGivenUp_LeavesItsPlaceToOthers()
    {
        var clock = new MonotonicClock(new ManualTimeProvider());
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new FakeUpstream().AlwaysOnStream(FakeReplies.Held(answers.Task, FakeReplies.Answer("192.0.2.7")));
        using var connections = UpstreamConnections.Create(clock, static _ => false, NullLogger.Instance);
        using var pool = new StreamConnectionPool(TestUpstreams.For(server, usesDatagrams: false), clock, connections.Dialer);
        using var givenUp = new CancellationTokenSource();
        var asked = Ask(pool, Places);
        var waiting = Ask(pool, StreamConnectionPool.MaxWaiting, givenUp.Token);
        await givenUp.CancelAsync();
        Assert.All(await Task.WhenAll(waiting), static result => Assert.Equal(UpstreamError.Abandoned, result.Error));
        var next = Ask(pool, StreamConnectionPool.MaxWaiting);
        answers.SetResult();
        Assert.All(await Task.WhenAll([.. asked, .. next]), static result => Assert.Equal(UpstreamError.None, result.Error));
        Assert.Equal(0, pool.Refused);
    }

    private static Task<UpstreamResult>[] Ask(StreamConnectionPool pool, int count, CancellationToken cancellationToken = default)
        => [.. Enumerable.Range(0, count).Select(_ => pool.AskAsync(TestUpstreams.Query(), cancellationToken).AsTask())];
}
