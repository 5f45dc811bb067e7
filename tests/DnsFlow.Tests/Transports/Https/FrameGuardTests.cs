using System.IO.Pipelines;
using DnsFlow.TestKit;
using DnsFlow.Transports.Https;

namespace DnsFlow.Tests.Transports.Https;

/// <summary>What passes between a client and the HTTP server.</summary>
public sealed class FrameGuardTests
{
    private static readonly byte[] s_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();
    private static readonly byte[] s_reset = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8];

    private readonly Pipe _pipe = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
    private readonly List<string> _problems = [];
    private readonly FrameGuard _guard;

    public FrameGuardTests() => _guard = new FrameGuard(_pipe.Reader, new ManualTimeProvider(), _problems.Add);

    [Fact]
    public async Task ReadAsync_FramesThatCameWhileItWaited_AreCountedOnce()
    {
        await PassAsync(s_preface);
        for (var i = 0; i < FrameGuard.MaxResets; i++)
        {
            await PassAsync(s_reset);
        }

        Assert.Empty(_problems);
        await PassAsync(s_reset);
        Assert.Single(_problems);
    }

    [Fact]
    public async Task ReadAsync_FrameInPieces_IsCountedOnce()
    {
        await PassAsync(s_preface);
        for (var i = 0; i <= FrameGuard.MaxResets; i++)
        {
            Assert.Empty(_problems);
            await PassAsync(s_reset[..5]);
            await PassAsync(s_reset[5..]);
        }

        Assert.Single(_problems);
    }

    [Theory]
    [InlineData(0, 0)]      // DATA that is empty and not the last
    [InlineData(2, 5)]      // PRIORITY
    [InlineData(8, 4)]      // WINDOW_UPDATE
    [InlineData(9, 0)]      // CONTINUATION
    [InlineData(119, 3)]    // nobody knows
    public async Task ReadAsync_FramesThatBringNoRequestForward_AreBounded(byte type, byte length)
    {
        byte[] frame = [0, 0, length, type, 0, 0, 0, 0, 1, .. new byte[length]];
        await PassAsync(s_preface);
        await PassAsync([.. Enumerable.Repeat(frame, FrameGuard.MaxIdle).SelectMany(static octets => octets)]);
        Assert.Empty(_problems);
        await PassAsync(frame);
        Assert.Single(_problems);
    }

    [Fact]
    public async Task ReadAsync_WindowsOpenedForEachRequest_AreNoFlood()
    {
        byte[] headers = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x82], data = [0, 0, 1, 0, 0, 0, 0, 0, 1, 7], window = [0, 0, 4, 8, 0, 0, 0, 0, 1, 0, 0, 0, 9];
        await PassAsync(s_preface);
        for (var i = 0; i < 10 * FrameGuard.MaxIdle; i++)
        {
            await PassAsync([.. headers, .. data, .. window, .. window, .. window, .. window]);
        }

        Assert.Empty(_problems);
    }

    [Fact]
    public async Task ReadAsync_ConnectionBreaksWhileItWaits_SaysSo()
    {
        var read = _guard.ReadAsync();
        await _pipe.Writer.CompleteAsync(new IOException("reset"));
        await Assert.ThrowsAsync<IOException>(async () => await read);
    }

    [Fact]
    public async Task ReadAsync_TenThousandReadsThatWait_AllocatesNothing()
    {
        byte[] octets = [.. s_preface, .. s_reset];
        Pass(octets, times: 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Pass(octets, times: 10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        await _pipe.Writer.CompleteAsync();
    }

    private async Task PassAsync(byte[] octets)
    {
        var read = _guard.ReadAsync();
        Assert.False(read.IsCompleted);
        await _pipe.Writer.WriteAsync(octets);
        _guard.AdvanceTo((await read).Buffer.End);
    }

    private void Pass(ReadOnlyMemory<byte> octets, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var read = _guard.ReadAsync();
            var written = _pipe.Writer.WriteAsync(octets);
            if (!written.IsCompleted || !read.IsCompleted)
            {
                throw new InvalidOperationException("the pipe went to another thread");
            }

            _ = written.Result;
            _guard.AdvanceTo(read.Result.Buffer.End);
        }
    }
}
