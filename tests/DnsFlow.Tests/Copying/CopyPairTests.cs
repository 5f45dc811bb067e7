using System.Collections.Concurrent;
using DnsFlow.Copying;
using DnsFlow.Flows;
using DnsFlow.TestKit;
using DnsFlow.Tests.Flows;
using DnsFlow.Transports.Memory;

namespace DnsFlow.Tests.Copying;

/// <summary>A provider that copies by itself, and the invariants of copying (flow model, section 10).</summary>
public class CopyPairTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeRemoteConnection _remote = new();

    [Fact]
    public async Task Invariant03_RemoteNotReady_TheFlowStaysClosed()
    {
        var ready = new TaskCompletionSource<FlowError?>();
        _remote.OnReady = () => new(ready.Task);
        var (flow, client, server) = Claimed();
        await client.WriteAsync(Framed(1), CancellationToken.None);
        using var pair = new CopyPair(flow, _remote, _time);
        var running = pair.RunAsync(CancellationToken.None);
        Assert.Equal(FlowState.Closed, flow.State);
        Assert.Equal(3, server.Unread);
        ready.SetResult(null);
        _remote.Respond(1);
        client.ShutdownSend();
        await running.Soon();
        Assert.Equal([1], _remote.Sent.Single());
    }

    [Fact]
    public async Task Invariant03_RemoteFails_TheFlowNeverOpensAndTheClientIsToldAtOnce()
    {
        _remote.OnReady = () => new(FlowError.HostUnreachable);
        var (flow, client, _) = Claimed();
        using var pair = new CopyPair(flow, _remote, _time);
        var result = await pair.RunAsync(CancellationToken.None).Soon();
        Assert.Equal(new CopyResult(CopySide.Remote, FlowError.HostUnreachable, 0, 0), result);
        Assert.Equal(FlowCloseReason.UpstreamFailed, await flow.Closed.Soon());
        Assert.True(client.IsReset);
        await Assert.ThrowsAsync<FlowException>(async () => await flow.WriteAsync(new byte[1]));
    }

    [Fact]
    public async Task Invariant06_EndOrErrorOnEitherSide_CancelsAndClosesBoth_1000RandomOrders()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            await RunRandomOrderAsync(new Random(seed));
        }
    }

    [Fact]
    public async Task Invariant07_ImplicitMode_OneMessageBetweenReadAndWrite()
    {
        var gates = new ConcurrentQueue<TaskCompletionSource<FlowError?>>();
        _remote.OnSend = _ =>
        {
            var gate = new TaskCompletionSource<FlowError?>(TaskCreationOptions.RunContinuationsAsynchronously);
            gates.Enqueue(gate);
            return new(gate.Task);
        };
        var (flow, client, _) = Claimed();
        using var pair = new CopyPair(flow, _remote, _time);
        var running = pair.RunAsync(CancellationToken.None);
        await client.WriteAsync(Framed(1, 2, 3), CancellationToken.None);
        for (var i = 1; i <= 3; i++)
        {
            TaskCompletionSource<FlowError?>? gate = null;
            await UntilAsync(() => gates.TryDequeue(out gate));
            Assert.Equal(i, _remote.Sent.Count);
            gate!.SetResult(null);
        }

        Assert.Equal(1, _remote.MostSending);
        pair.End(CopySide.Proxy, null);
        await running.Soon();
    }

    [Fact]
    public async Task Invariant08_SlowReader_StopsReceivingAndIsCutOffAfterTwoSeconds()
    {
        var (flow, client, _) = Claimed(capacity: 100);
        using var pair = new CopyPair(flow, _remote, _time);
        var running = pair.RunAsync(CancellationToken.None);
        for (var i = 0; i < 1_000; i++)
        {
            _remote.Respond(new byte[48]);
        }

        await UntilAsync(() => _time.PendingTimers == 1);
        Assert.Equal(3, _remote.Received);      // two fit on the way, one waits to be written, none behind it was taken
        _time.Advance(CopyPair.WriteTime);
        var result = await running.Soon();
        Assert.Equal((CopySide.Client, FlowError.TimedOut, 2L), (result.EndedBy, result.Error, result.MessagesIn));
        Assert.True(client.IsReset);
    }

    [Fact]
    public async Task Invariant10_ManyFlowsEnded_NothingIsHeld()
    {
        for (var i = 0; i < 50; i++)
        {
            var remote = new FakeRemoteConnection();
            var (flow, client, server) = Claimed();
            using var pair = new CopyPair(flow, remote, _time);
            var running = pair.RunAsync(CancellationToken.None);
            await client.WriteAsync(Framed(1, 2), CancellationToken.None);
            remote.Respond(1);
            remote.Respond(2);
            client.ShutdownSend();
            Assert.Equal(new CopyResult(CopySide.Client, null, 2, 2), await running.Soon());
            await flow.Closed.Soon();
            Assert.True(server.IsClosed);
            Assert.Equal(RemoteState.Cancelled, remote.State);
        }

        Assert.Equal(0, _time.PendingTimers);
    }

    [Fact]
    public async Task Invariant11_HalfClose_AwaitedResponsesAreWrittenThenFin()
    {
        var (flow, client, _) = Claimed();
        using var pair = new CopyPair(flow, _remote, _time);
        var running = pair.RunAsync(CancellationToken.None);
        await client.WriteAsync(Framed(Enumerable.Range(1, 16).Select(i => (byte)i).ToArray()), CancellationToken.None);
        client.ShutdownSend();
        await UntilAsync(() => _remote.Sent.Count == 16);
        Assert.False(running.IsCompleted);
        for (byte i = 16; i >= 1; i--)
        {
            _remote.Respond(i);
        }

        var (data, error) = await client.ReadAllAsync();
        Assert.Null(error);
        Assert.Equal(Framed(Enumerable.Range(1, 16).Select(i => (byte)(17 - i)).ToArray()), data);
        Assert.Equal(new CopyResult(CopySide.Client, null, 16, 16), await running.Soon());
        Assert.Equal(FlowCloseReason.PeerClosed, await flow.Closed.Soon());
    }

    [Fact]
    public async Task Invariant11_HalfClosedAndNoResponse_EndsAfterFiveSeconds()
    {
        var (flow, client, _) = Claimed();
        using var pair = new CopyPair(flow, _remote, _time);
        var running = pair.RunAsync(CancellationToken.None);
        await client.WriteAsync(Framed(1), CancellationToken.None);
        client.ShutdownSend();
        await UntilAsync(() => _time.PendingTimers == 1);
        _time.Advance(CopyPair.HalfClosedTime);
        Assert.Equal(new CopyResult(CopySide.Remote, FlowError.TimedOut, 1, 0), await running.Soon());
        Assert.Equal(FlowCloseReason.UpstreamTimeout, await flow.Closed.Soon());
    }

    [Fact]
    public async Task RunAsync_Cancelled_EndsBothSides()
    {
        var (flow, _, _) = Claimed();
        using var pair = new CopyPair(flow, _remote, _time);
        using var stopping = new CancellationTokenSource();
        var running = pair.RunAsync(stopping.Token);
        await stopping.CancelAsync();
        Assert.Equal(new CopyResult(CopySide.Proxy, FlowError.Aborted, 0, 0), await running.Soon());
        Assert.Equal(FlowCloseReason.ProviderStopped, await flow.Closed.Soon());
    }

    [Fact]
    public async Task RunAsync_RemoteThrows_ClosesBothAndThrows()
    {
        _remote.OnSend = _ => throw new InvalidOperationException("a fault");
        var (flow, client, _) = Claimed();
        using var pair = new CopyPair(flow, _remote, _time);
        var running = pair.RunAsync(CancellationToken.None);
        await client.WriteAsync(Framed(1), CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => running.Soon());
        Assert.Equal(FlowCloseReason.Internal, await flow.Closed.Soon());
        Assert.True(_remote.Cancels > 0);
    }

    [Fact]
    public async Task RunAsync_Datagrams_GoBothWays()
    {
        var sink = new RecordingSink();
        var flow = TestFlows.Datagrams(sink);
        flow.TryDeliver([1]);
        flow.TryDeliver([2]);
        flow.Decide(FlowVerdict.Claim);
        using var pair = new CopyPair(flow, _remote, _time);
        var running = pair.RunAsync(CancellationToken.None);
        flow.TryDeliver([3]);
        await UntilAsync(() => _remote.Sent.Count == 3);
        _remote.Respond(9);
        _remote.End(null);
        Assert.Equal(new CopyResult(CopySide.Remote, null, 3, 1), await running.Soon());
        Assert.Equal([9], sink.Sent.Single());
        Assert.Equal(FlowCloseReason.Completed, await flow.Closed.Soon());
    }

    private async Task RunRandomOrderAsync(Random random)
    {
        var remote = new FakeRemoteConnection();
        var (flow, client, server) = Claimed();
        using var pair = new CopyPair(flow, remote, _time);
        var running = pair.RunAsync(CancellationToken.None);
        await client.WriteAsync(Framed(1), CancellationToken.None);
        FlowError? error = random.Next(2) == 0 ? null : FlowError.HostUnreachable;
        Action[] ends = [() => remote.End(error), client.Abort, () => pair.End(CopySide.Proxy, error)];
        Action[] closes = [() => flow.CloseRead(error), () => flow.CloseWrite(error), remote.Cancel];
        Action[] steps = [.. random.GetItems(ends, random.Next(1, 4)), .. random.GetItems(closes, random.Next(0, 4))];
        random.Shuffle(steps);
        Array.ForEach(steps, step => step());

        // A client that goes away after its side was closed for reading looks half-closed: what it is still owed ends after five seconds at the latest.
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            return running.IsCompleted;
        });
        var result = await running;
        var reason = await flow.Closed.Soon();
        Assert.True(remote.Cancels > 0);
        Assert.True(server.IsClosed);
        Assert.True(flow.Error is null || flow.Error == error || flow.Error is FlowError.PeerReset or FlowError.TimedOut, $"{flow.Error} of {result}");
        Assert.Equal(flow.Error switch { null => reason, FlowError.PeerReset => FlowCloseReason.PeerReset, FlowError.TimedOut => FlowCloseReason.UpstreamTimeout, _ => FlowCloseReason.UpstreamFailed }, reason);
    }

    private static (StreamFlow Flow, MemoryStreamTransport Client, MemoryStreamTransport Server) Claimed(int capacity = 64 << 10)
    {
        var stream = TestFlows.Stream(capacity);
        stream.Flow.Decide(FlowVerdict.Claim);
        return stream;
    }

    /// <summary>Messages of one octet each, framed one behind the other.</summary>
    private static byte[] Framed(params byte[] messages) => [.. messages.SelectMany(message => new byte[] { 0, 1, message })];

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested);
            await Task.Yield();
        }
    }
}
