using DnsFlow.Flows;
using DnsFlow.TestKit;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Tests.Transports.Tls;

/// <summary>Writes that are gathered while others are sent.</summary>
public sealed class GatheredTransportTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly HeldTransport _inner = new() { Holds = true };
    private readonly GatheredTransport _transport;

    public GatheredTransportTests() => _transport = new GatheredTransport(_inner, _time) { Gathers = true };

    [Fact]
    public async Task WriteAsync_WhileOthersAreSent_AreAcceptedAndSentAtOnce()
    {
        Assert.Null(await WriteAsync("a"));
        await _inner.EventsAsync(1);
        for (var i = 0; i < 3; i++)
        {
            var write = WriteAsync("bcd"[i..(i + 1)]);
            Assert.True(write.IsCompletedSuccessfully);
            Assert.Null(await write);
        }

        _inner.Take();
        Assert.Equal(["a", "bcd"], await _inner.EventsAsync(2));
        _inner.Take();
    }

    [Fact]
    public async Task WriteAsync_DoesNotGatherYet_GoesOutAtOnce()
    {
        _transport.Gathers = false;
        var write = WriteAsync("alert");
        _transport.Abort();
        Assert.Equal(FlowError.Aborted, await write);
        Assert.Equal(["alert", "abort"], await _inner.EventsAsync(2));
    }

    [Fact]
    public async Task WriteAsync_TooMuchWaits_WriterWaitsUntilItIsTaken()
    {
        await WriteAsync("a");
        await _inner.EventsAsync(1);
        Assert.Null(await _transport.WriteAsync(new byte[GatheredTransport.MaxWaiting - 1], default));
        var full = WriteAsync("b");
        Assert.False(full.IsCompleted);
        _inner.Take();
        Assert.Null(await full);
        Assert.Equal($"{GatheredTransport.MaxWaiting} octets", (await _inner.EventsAsync(2))[1]);
        _inner.Take();
    }

    [Fact]
    public async Task WriteAsync_PeerBreaks_WhoWaitsAndWhoComesIsTold()
    {
        await WriteAsync("a");
        await _inner.EventsAsync(1);
        var full = _transport.WriteAsync(new byte[GatheredTransport.MaxWaiting], default);
        _inner.Take(FlowError.PeerReset);
        Assert.Equal(FlowError.PeerReset, await full);
        Assert.Equal(FlowError.PeerReset, await WriteAsync("b"));
        Assert.Single(await _inner.EventsAsync(1));
    }

    [Fact]
    public async Task CloseAsync_SomethingWaits_IsSentBefore()
    {
        await WriteAsync("a");
        await _inner.EventsAsync(1);
        await WriteAsync("b");
        _transport.ShutdownSend();
        var close = _transport.CloseAsync();
        _inner.Take();
        await _inner.EventsAsync(2);
        _inner.Take();
        await close;
        Assert.Equal(["a", "b", "shutdown", "close"], await _inner.EventsAsync(4));
    }

    [Fact]
    public async Task CloseAsync_PeerTakesNothing_IsAbortedInTime()
    {
        await WriteAsync("a");
        await _inner.EventsAsync(1);
        var close = _transport.CloseAsync().AsTask();
        Assert.Equal(1, _time.PendingTimers);
        _time.Advance(GatheredTransport.LastTime);
        await close;
        Assert.Equal(["a", "abort", "close"], await _inner.EventsAsync(3));
    }

    [Fact]
    public async Task CloseAsync_NothingWaits_ClosesAtOnce()
    {
        _transport.ShutdownSend();
        var close = _transport.CloseAsync();
        Assert.True(close.IsCompletedSuccessfully);
        await close;
        Assert.Equal(["shutdown", "close"], await _inner.EventsAsync(2));
    }

    private ValueTask<FlowError?> WriteAsync(string text) => _transport.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text), default);
}
