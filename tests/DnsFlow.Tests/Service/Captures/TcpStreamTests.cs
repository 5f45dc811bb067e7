using DnsFlow.Flows;
using DnsFlow.Service.Captures;

namespace DnsFlow.Tests.Service.Captures;

public class TcpStreamTests
{
    private static readonly byte[][] s_queries = [.. Enumerable.Range(0, 40).Select(number => CaptureFormatTests.Query($"name-{number}.example"))];
    private static readonly byte[] s_stream = [.. s_queries.SelectMany(query => (byte[])[0, (byte)query.Length, .. query])];

    [Theory]
    [InlineData(1u)]
    [InlineData(uint.MaxValue - 300)]       // the sequence number begins anew
    public void Take_SegmentsInAnyOrderRepeatedAndOverlapping_GiveTheMessages(uint first)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var (sink, report) = Read([Packets.Tcp(first - 1, [], flags: 2), .. Segments(new Random(seed), first), Fin(first)]);
            Assert.Equal(s_queries, sink.Messages.Select(message => message.Octets));
            Assert.All(sink.Messages, message => Assert.Equal(FlowTransport.Tcp, message.Transport));
            Assert.Empty(report.Skipped);
        }
    }

    [Fact]
    public void Take_WithoutBeginning_StartsAtTheFirstMessage()
    {
        var (sink, _) = Read([Packets.Tcp(77, s_stream)]);
        Assert.Equal(s_queries, sink.Messages.Select(message => message.Octets));
    }

    [Fact]
    public void Take_BeginningInsideAMessage_FindsTheNextSegmentThatBeginsOne()
    {
        var second = 2 + s_queries[0].Length;
        byte[][] segments = [Packets.Tcp(7, [0, 0, 1, 0]), Packets.Tcp(11, s_stream.AsSpan(second))];
        var (sink, report) = Read(segments);
        Assert.Equal(s_queries[1..], sink.Messages.Select(message => message.Octets));
        Assert.Equal(1, report.Skipped["a TCP stream that is not DNS"]);
    }

    [Fact]
    public void Take_Gap_IsCountedAndTheRestIsRead()
    {
        List<byte[]> segments = [Packets.Tcp(0, [], flags: 2), Packets.Tcp(1, s_stream)];
        for (var i = 0; i < 200; i++)
        {
            segments.Add(Packets.Tcp((uint)(1 + 1_000 + ((i + 1) * s_stream.Length)), s_stream));
        }

        var (sink, report) = Read(segments);
        Assert.Equal(201 * s_queries.Length, sink.Messages.Count);
        Assert.Equal(1, report.Skipped["a gap in a TCP stream"]);
    }

    [Fact]
    public void Take_PortsUsedAgain_BeginANewStream()
    {
        byte[][] segments = [Packets.Tcp(9, [], flags: 2), Packets.Tcp(10, s_stream), Packets.Tcp(999, [], flags: 2), Packets.Tcp(1_000, s_stream)];
        Assert.Equal(2 * s_queries.Length, Read(segments).Sink.Messages.Count);
    }

    private static byte[] Fin(uint first) => Packets.Tcp(first + (uint)s_stream.Length, [], flags: 0x11);

    private static byte[][] Segments(Random random, uint first)
    {
        var segments = new List<byte[]>();
        for (var start = 0; start < s_stream.Length;)
        {
            var end = Math.Min(s_stream.Length, start + random.Next(1, 90));
            var overlapping = Math.Max(0, start - random.Next(0, 8));
            segments.Add(Packets.Tcp(first + (uint)overlapping, s_stream.AsSpan(overlapping..end)));
            if (random.Next(5) == 0)
            {
                segments.Add(segments[^1]);
            }

            start = end;
        }

        var shuffled = segments.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }

    private static (RecordingCaptureSink Sink, CaptureReport Report) Read(IEnumerable<byte[]> segments)
        => RecordingCaptureSink.Read(Packets.Pcap(101, segments.Select(segment => Packets.IPv4(segment, protocol: 6))));
}
