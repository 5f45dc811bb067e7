using System.IO.Compression;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using Google.Protobuf;

namespace DnsFlow.Tests.Service.Captures;

public class CaptureFormatTests
{
    private static readonly byte[] s_query = Query("www.example");

    public static TheoryData<bool, bool> Orders => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory]
    [MemberData(nameof(Orders))]
    public void Read_Pcap_GivesMessageAndTime(bool bigEndian, bool nano)
    {
        var (sink, report) = RecordingCaptureSink.Read(
            Packets.Pcap(1, [Packets.Ethernet(Packets.IPv4(Packets.Udp(s_query)))], bigEndian, nano, fraction: nano ? 5_000u : 5u));
        var message = Assert.Single(sink.Messages);
        Assert.Equal(s_query, message.Octets);
        Assert.Equal("192.0.2.7:40000", message.Source.ToString());
        Assert.Equal("192.0.2.53:53", message.Destination.ToString());
        Assert.Equal(FlowTransport.Udp, message.Transport);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddMicroseconds(5), message.Time);
        Assert.Null(report.Problem);
    }

    [Fact]
    public void Read_Pcapng_GivesMessageAndTimeOfItsInterface()
    {
        var (sink, report) = RecordingCaptureSink.Read(Packets.Pcapng(Packets.IPv6(Packets.Udp(s_query)), 1_700_000_000_500_000_000));
        var message = Assert.Single(sink.Messages);
        Assert.Equal(s_query, message.Octets);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_500), message.Time);
        Assert.Null(report.Problem);
    }

    [Fact]
    public void Read_Gzip_IsUnpacked()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Packets.Pcap(101, [Packets.IPv4(Packets.Udp(s_query))]));
        }

        Assert.Single(RecordingCaptureSink.Read(packed.ToArray()).Sink.Messages);
    }

    [Fact]
    public void Read_Dnstap_GivesClientQueriesOnly()
    {
        byte[] file = [.. Frame(Control(2)), .. Data(5, 1), .. Data(5, 2), .. Data(3, 1), .. Data(6, 1), .. Frame(Control(3))];
        var (sink, report) = RecordingCaptureSink.Read(file);
        Assert.Equal([FlowTransport.Udp, FlowTransport.Tcp], sink.Messages.Select(message => message.Transport));
        Assert.All(sink.Messages, message => Assert.Equal(s_query, message.Octets));
        Assert.Equal("192.0.2.7:40000", sink.Messages[0].Source.ToString());
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), sink.Messages[0].Time);
        Assert.Equal(2, report.Skipped["not a client's query"]);
        Assert.Null(report.Problem);
    }

    [Fact]
    public void Read_QueryLog_MakesTheQueriesAgain()
    {
        var log = """
            {"time":"2026-11-22T06:00:00Z","client":"192.0.2.7","listener":"lan","transport":"tcp","name":"ads.example.","type":"AAAA","outcome":"blocked"}

            {"client":"[2001:db8::7]:4000","name":"www.example"}
            """;
        var (sink, report) = RecordingCaptureSink.Read(System.Text.Encoding.UTF8.GetBytes(log));
        Assert.Null(report.Problem);
        Assert.Equal(2, sink.Messages.Count);
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(sink.Messages[0].Octets, out var view));
        Assert.Equal(RecordType.AAAA, view.Type);
        Assert.Equal(FlowTransport.Tcp, sink.Messages[0].Transport);
        Assert.Equal("[2001:db8::7]:4000", sink.Messages[1].Source.ToString());
    }

    [Theory]
    [InlineData("""{"client":"192.0.2.7"}""", "line 1: 'name' is missing")]
    [InlineData("""{"name":"a..b","client":"192.0.2.7"}""", "line 1: name 'a..b' is not a domain name")]
    [InlineData("""{"name":"a"}""", "line 1: 'client' is missing")]
    [InlineData("""{"name":"a","client":"kitchen"}""", "line 1: client 'kitchen' is not an address")]
    [InlineData("""{"name":"a","client":"192.0.2.7","type":"AAAAA"}""", "line 1: type 'AAAAA' is not a record type")]
    [InlineData("""{"name":"a","client":"192.0.2.7","transport":"pigeon"}""", "line 1: transport 'pigeon' is none of udp, tcp")]
    [InlineData("{\"name\":\"a\",\"client\":\"192.0.2.7\"}\n{\"name\":", "line 2: this is not a log entry: ")]
    public void Read_QueryLogWithWrongLine_NamesTheLine(string text, string problem)
        => Assert.StartsWith(problem, RecordingCaptureSink.Read(System.Text.Encoding.UTF8.GetBytes(text)).Report.Problem, StringComparison.Ordinal);

    [Fact]
    public void Read_CutFile_KeepsWhatCameBeforeAndSaysWhere()
    {
        var whole = Packets.Pcap(101, [Packets.IPv4(Packets.Udp(s_query)), Packets.IPv4(Packets.Udp(s_query))]);
        for (var cut = 24; cut < whole.Length; cut++)
        {
            var (sink, report) = RecordingCaptureSink.Read(whole[..cut]);
            var first = (24 + whole.Length) / 2;
            Assert.Equal(cut < first ? 0 : 1, sink.Messages.Count);
            Assert.Equal(cut == 24 || cut == first, report.Problem is null);
        }
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("<html>", "this is no capture we know; allowed: pcap, pcapng, dnstap, query log (JSON lines)")]
    public void Read_SomethingElse_IsRefused(string text, string problem)
        => Assert.Equal(problem, RecordingCaptureSink.Read(System.Text.Encoding.UTF8.GetBytes(text)).Report.Problem);

    [Fact]
    public void Read_LengthBeyondReason_IsRefusedWithoutMemory()
    {
        var file = Packets.Pcap(101, [Packets.IPv4(Packets.Udp(s_query))]);
        file.AsSpan(24 + 8, 4).Fill(0xFF);
        Assert.Equal("octet 40: a packet of 4294967295 octets: the file is damaged", RecordingCaptureSink.Read(file).Report.Problem);
    }

    [Fact]
    public void Read_DamagedFiles_NeverThrow()
    {
        var random = new Random(4711);
        byte[][] files =
        [
            Packets.Pcap(1, [Packets.Ethernet(Packets.IPv4(Packets.Udp(s_query)), 7), Packets.Ethernet(Packets.IPv6(Packets.Tcp(1, s_query), 6))]),
            Packets.Pcapng(Packets.IPv4(Packets.Udp(s_query)), 1),
            [.. Frame(Control(2)), .. Data(5, 1), .. Data(5, 2)],
        ];
        for (var i = 0; i < 6_000; i++)
        {
            var damaged = (byte[])files[i % files.Length].Clone();
            for (var hits = random.Next(1, 6); hits > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            var (_, report) = RecordingCaptureSink.Read(damaged[..random.Next(damaged.Length + 1)]);
            Assert.True(report.Messages <= report.Records * 8);
        }
    }

    internal static byte[] Query(string name)
        => DnsMessageWriter.ToArray(new DnsMessage { Id = 7, Questions = [new Question(DomainName.Parse(name), RecordType.A)] })!;

    private static byte[] Control(int type) => [0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, (byte)type];

    private static byte[] Frame(byte[] octets) => octets;

    private static byte[] Data(int type, int protocol)
    {
        var inner = new MemoryStream();
        using (var output = new CodedOutputStream(inner, leaveOpen: true))
        {
            output.WriteTag(1, WireFormat.WireType.Varint);
            output.WriteUInt64((ulong)type);
            output.WriteTag(3, WireFormat.WireType.Varint);
            output.WriteUInt64((ulong)protocol);
            output.WriteTag(4, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(Packets.Client4.GetAddressBytes()));
            output.WriteTag(6, WireFormat.WireType.Varint);
            output.WriteUInt64(40_000);
            output.WriteTag(8, WireFormat.WireType.Varint);
            output.WriteUInt64(1_700_000_000);
            output.WriteTag(10, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(s_query));
        }

        var outer = new MemoryStream();
        using (var output = new CodedOutputStream(outer, leaveOpen: true))
        {
            output.WriteTag(15, WireFormat.WireType.Varint);
            output.WriteUInt64(1);
            output.WriteTag(14, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(inner.ToArray()));
        }

        var frame = outer.ToArray();
        return [0, 0, (byte)(frame.Length >> 8), (byte)frame.Length, .. frame];
    }
}
