using System.Buffers;
using DnsFlow.Flows;
using DnsFlow.Transports.Https;

namespace DnsFlow.Tests.Transports.Https;

/// <summary>What the HTTP server writes.</summary>
public sealed class HttpsOutputTests
{
    private readonly HeldTransport _transport = new();
    private readonly HttpsOutput _output;

    public HttpsOutputTests() => _output = new HttpsOutput(_transport);

    [Fact]
    public async Task FlushAsync_SeveralWrites_AreOne()
    {
        _output.Write("head "u8);
        _output.Write("body"u8);
        Assert.Equal(9, _output.UnflushedBytes);
        Assert.False((await _output.FlushAsync()).IsCompleted);
        Assert.Equal(0, _output.UnflushedBytes);
        Assert.False((await _output.FlushAsync()).IsCompleted);
        Assert.Equal(["head body"], await _transport.EventsAsync(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_023)]
    [InlineData(1_024)]
    [InlineData(5_000)]
    [InlineData(70_000)]
    public async Task GetSpan_AnySize_KeepsWhatWasWritten(int size)
    {
        _output.Write("begin"u8);
        _output.GetSpan(size)[..size].Fill((byte)'x');
        _output.Advance(size);
        Assert.True(_output.GetMemory().Length > 0);
        await _output.FlushAsync();
        Assert.Equal(size + 5 > 100 ? $"{size + 5} octets" : "beginx", Assert.Single(await _transport.EventsAsync(1)));
    }

    [Fact]
    public void Advance_MoreThanRoom_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => _output.Advance(1));

    [Fact]
    public async Task FlushAsync_ClientIsGone_SaysCompletedFromThenOn()
    {
        _transport.Holds = true;
        _output.Write("a"u8);
        var flush = _output.FlushAsync();
        Assert.False(flush.IsCompleted);
        _output.CancelPendingFlush();
        _transport.Take(FlowError.PeerReset);
        Assert.True((await flush).IsCompleted);
        _output.Write("b"u8);
        Assert.True((await _output.FlushAsync()).IsCompleted);
        Assert.Equal(["a"], await _transport.EventsAsync(1));
    }

    [Fact]
    public async Task Complete_WhileFlushing_LeavesTheBufferToTheFlush()
    {
        _transport.Holds = true;
        _output.Write("a"u8);
        var flush = _output.FlushAsync();
        _output.Complete();
        _transport.Take();
        Assert.False((await flush).IsCompleted);
        Assert.Throws<InvalidOperationException>(() => _output.GetSpan());
        Assert.Equal(0, _output.UnflushedBytes);
    }

    [Fact]
    public void FlushAsync_TenThousandTimes_AllocatesNothing()
    {
        _transport.Notes = false;
        Write(10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write(10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Write(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _output.Write("0123456789"u8);
            var flush = _output.FlushAsync();
            if (!flush.IsCompletedSuccessfully || flush.Result.IsCompleted)
            {
                throw new InvalidOperationException("nothing was taken");
            }
        }
    }
}
