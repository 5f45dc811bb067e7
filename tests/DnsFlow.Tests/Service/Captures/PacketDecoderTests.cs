namespace DnsFlow.Tests.Service.Captures;

public class PacketDecoderTests
{
    private static readonly byte[] s_query = CaptureFormatTests.Query("www.example");

    public static TheoryData<int, string> LinkLayers => new()
    {
        { 0, "02000000" },
        { 1, "000000000000000000000000" + "0800" },
        { 1, "000000000000000000000000" + "8100000B" + "0800" },
        { 1, "000000000000000000000000" + "88A8000B" + "81000007" + "0800" },
        { 1, "000000000000000000000000" + "8864" + "110000010040" + "0021" },
        { 101, "" },
        { 228, "" },
        { 113, "00000001000600000000000000000800" },
        { 276, "0800000000000001000100060000000000000000" },
    };

    [Theory]
    [MemberData(nameof(LinkLayers))]
    public void Take_LinkLayer_IsPassedOver(int link, string header)
        => Assert.Equal(s_query, Assert.Single(Read(link, [.. Convert.FromHexString(header), .. Packets.IPv4(Packets.Udp(s_query))]).Sink.Messages).Octets);

    [Fact]
    public void Take_UnknownLinkLayer_IsCounted()
        => Assert.Equal(1, Read(127, Packets.IPv4(Packets.Udp(s_query))).Report.Skipped["link type 127"]);

    [Fact]
    public void Take_IPv6Extensions_ArePassedOver()
    {
        byte[] extensions = [60, 0, 0, 0, 0, 0, 0, 0, 17, 1, .. new byte[14]];      // hop by hop, then destination options of 16 octets
        Assert.Equal(s_query, Assert.Single(Read(101, Packets.IPv6(Packets.Udp(s_query), 0, extensions)).Sink.Messages).Octets);
    }

    [Fact]
    public void Take_Padding_IsCutOff()
        => Assert.Equal(s_query, Assert.Single(Read(1, [.. Packets.Ethernet(Packets.IPv4(Packets.Udp(s_query))), 0, 0, 0, 0]).Sink.Messages).Octets);

    [Fact]
    public void Take_CutDatagram_IsCounted()
    {
        var (sink, report) = Read(101, Packets.IPv4(Packets.Udp(s_query))[..^1]);
        Assert.Empty(sink.Messages);
        Assert.Equal(1, report.Skipped["cut short"]);
    }

    [Fact]
    public void Take_Ports_DecideWhatIsAQuery()
    {
        byte[][] packets = [Packets.IPv4(Packets.Udp(s_query, 53, 40_000)), Packets.IPv4(Packets.Udp(s_query, 1, 2)), Packets.IPv4(Packets.Udp(s_query, 1, 1053))];
        var (sink, report) = RecordingCaptureSink.Read(Packets.Pcap(101, packets), 53, 1053);
        Assert.Single(sink.Messages);
        Assert.Equal(1, report.Skipped["a response"]);
        Assert.Equal(1, report.Skipped["another port"]);
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 1, 0)]
    [InlineData(1, 0, 2)]
    public void Take_FragmentsInAnyOrder_BecomeOneMessage(params int[] order)
    {
        var datagram = Packets.Udp([.. s_query, .. new byte[40]]);
        byte[][] parts =
        [
            Packets.IPv4(datagram[..24], offset: 0, more: true),
            Packets.IPv4(datagram[24..48], offset: 24, more: true),
            Packets.IPv4(datagram[48..], offset: 48),
        ];
        Assert.Equal(datagram[8..], Assert.Single(Read(101, [.. order.Select(index => parts[index])]).Sink.Messages).Octets);
    }

    [Fact]
    public void Take_IPv6Fragments_BecomeOneMessage()
    {
        var datagram = Packets.Udp(s_query);
        byte[] first = [17, 0, 0, 1, 0, 0, 0, 9], last = [17, 0, 0, 16, 0, 0, 0, 9];
        var (sink, _) = Read(101, Packets.IPv6(datagram[16..], 44, last), Packets.IPv6(datagram[..16], 44, first));
        Assert.Equal(s_query, Assert.Single(sink.Messages).Octets);
    }

    [Fact]
    public void Take_FragmentsThatNeverEnd_StayWithinTheirBound()
    {
        var packets = Enumerable.Range(0, 1_000).Select(id => Packets.IPv4(Packets.Udp(s_query), id: (ushort)id, more: true)).ToArray();
        Assert.Equal(1_000 - 64, Read(101, packets).Report.Skipped["fragments without the rest"]);
    }

    private static (RecordingCaptureSink Sink, DnsFlow.Service.Captures.CaptureReport Report) Read(int link, params byte[][] frames)
        => RecordingCaptureSink.Read(Packets.Pcap(link, frames));
}
