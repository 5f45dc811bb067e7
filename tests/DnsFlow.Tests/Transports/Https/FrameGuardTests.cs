using DnsFlow.TestKit;
using DnsFlow.Transports.Https;

namespace DnsFlow.Tests.Transports.Https;

/// <summary>What passes between a client and the HTTP server.</summary>
public sealed class FrameGuardTests
{
    private static readonly byte[] s_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();
    private static readonly byte[] s_reset = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8];

    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _problems = [];
    private readonly Http2FrameReader _frames;

    public FrameGuardTests() => _frames = Reader();

    [Fact]
    public void Count_OneResetTooMany_SaysSoOnce()
    {
        _frames.Read(s_preface);
        for (var i = 0; i < FrameGuard.MaxResets; i++)
        {
            _frames.Read(s_reset);
        }

        Assert.Empty(_problems);
        _frames.Read(s_reset);
        _frames.Read(s_reset);
        Assert.Equal("a client reset more than 200 requests in 10 s", Assert.Single(_problems));
    }

    [Fact]
    public void Count_FramesInAnyPieces_AreCountedOnce()
    {
        byte[] octets = [.. s_preface, .. Enumerable.Repeat(s_reset, FrameGuard.MaxResets + 1).SelectMany(static frame => frame)];
        for (var length = 1; length < 30; length++)
        {
            _problems.Clear();
            var frames = Reader();
            foreach (var piece in octets[..^1].Chunk(length))
            {
                frames.Read(piece);
            }

            // A frame counts with the last octet of its header; what follows of it does not.
            Assert.Single(_problems);
        }
    }

    [Theory]
    [InlineData(0, 0)]      // DATA that is empty and not the last
    [InlineData(2, 5)]      // PRIORITY
    [InlineData(8, 4)]      // WINDOW_UPDATE
    [InlineData(9, 0)]      // CONTINUATION
    [InlineData(119, 3)]    // nobody knows
    public void Count_FramesThatBringNoRequestForward_AreBounded(byte type, byte length)
    {
        byte[] frame = [0, 0, length, type, 0, 0, 0, 0, 1, .. new byte[length]];
        _frames.Read(s_preface);
        _frames.Read([.. Enumerable.Repeat(frame, FrameGuard.MaxIdle).SelectMany(static octets => octets)]);
        Assert.Empty(_problems);
        _frames.Read(frame);
        Assert.Single(_problems);
    }

    [Fact]
    public void Count_WindowsOpenedForEachRequest_AreNoFlood()
    {
        byte[] headers = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x82], data = [0, 0, 1, 0, 0, 0, 0, 0, 1, 7], window = [0, 0, 4, 8, 0, 0, 0, 0, 1, 0, 0, 0, 9];
        _frames.Read(s_preface);
        for (var i = 0; i < 10 * FrameGuard.MaxIdle; i++)
        {
            _frames.Read([.. headers, .. data, .. window, .. window, .. window, .. window]);
        }

        Assert.Empty(_problems);
    }

    [Fact]
    public void Count_NextPeriod_CountsFromNothing()
    {
        _frames.Read(s_preface);
        for (var i = 0; i < 3 * FrameGuard.MaxResets; i++)
        {
            if (i % FrameGuard.MaxResets == 0)
            {
                _time.Advance(FrameGuard.Period);
            }

            _frames.Read(s_reset);
        }

        Assert.Empty(_problems);
    }

    [Fact]
    public void Count_TenThousandFrames_AllocatesNothing()
    {
        _frames.Read(s_preface);
        _frames.Read(s_reset);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            _frames.Read([0, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 8]);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private Http2FrameReader Reader()
    {
        var guard = new FrameGuard(_time, _problems.Add);
        return new Http2FrameReader(Http2FrameReader.ClientPreface, frame => guard.Count(frame));
    }
}
