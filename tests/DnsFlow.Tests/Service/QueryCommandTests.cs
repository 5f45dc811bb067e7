using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using DnsFlow.Protocol;
using DnsFlow.Service.Querying;

namespace DnsFlow.Tests.Service;

public sealed class QueryCommandTests : IDisposable
{
    private readonly ServiceRun _run = new();
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public QueryCommandTests()
    {
        // A port that is free for TCP is nearly always free for UDP; not so the other way round, where thousands may be those of connections that ended a minute ago.
        _tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _udp.Bind(_tcp.LocalEndPoint!);
    }

    private IPEndPoint Server => (IPEndPoint)_udp.LocalEndPoint!;

    [Fact]
    public async Task Query_PositiveAnswer_PrintsItAndIsGood()
    {
        var asking = _run.RunAsync("query", "www.example", "AAAA", "@" + Server);
        var query = await AnswerUdpAsync(query => Response(query, ResponseCode.NoError, ResourceRecord.Create("www.example.", 300, RecordType.AAAA, "2001:db8::7")));

        Assert.Equal(0, await asking);
        Assert.Equal((RecordType.AAAA, "www.example."), (query.Questions[0].Type, query.Questions[0].Name.ToString()));
        Assert.True(query is { RecursionDesired: true, Edns.DnssecOk: false });
        Assert.Contains("status: NOERROR", _run.Out);
        Assert.Contains("2001:db8::7", _run.Out);
        Assert.Matches(@";; [0-9.]+ ms from 127\.0\.0\.1:\d+ over UDP, \d+ octets", _run.Out);
    }

    [Theory]
    [InlineData(ResponseCode.NXDomain)]
    [InlineData(ResponseCode.NoError)]
    [InlineData(ResponseCode.ServFail)]
    public async Task Query_NegativeAnswer_IsNegative(ResponseCode code)
    {
        var asking = _run.RunAsync("query", "absent.example", "@" + Server);
        await AnswerUdpAsync(query => Response(query, code));
        Assert.Equal(1, await asking);
    }

    [Fact]
    public async Task Query_Flags_AreSet()
    {
        var asking = _run.RunAsync("query", "+dnssec", "+norecurse", "@" + Server, "example", "TYPE65280");
        var query = await AnswerUdpAsync(query => Response(query, ResponseCode.NoError));
        await asking;
        Assert.True(query is { RecursionDesired: false, Edns.DnssecOk: true });
        Assert.Equal((RecordType)65280, query.Questions[0].Type);
    }

    [Fact]
    public async Task Query_ForeignAnswers_AreNotTaken()
    {
        var asking = _run.RunAsync("query", "www.example", "@" + Server);
        var (octets, client) = await ReceiveAsync();
        var good = Response(Read(octets), ResponseCode.NoError, ResourceRecord.Create("www.example.", 300, RecordType.A, "192.0.2.7"));
        var stolen = DnsMessageWriter.ToArray(good)!;
        stolen[0] ^= 1;
        await _udp.SendToAsync(stolen, client);
        await _udp.SendToAsync(octets, client);
        await _udp.SendToAsync("garbage"u8.ToArray(), client);
        await _udp.SendToAsync(DnsMessageWriter.ToArray(Response(DnsMessage.Query(DomainName.Parse("other.example."), RecordType.A, good.Id), ResponseCode.NoError))!, client);
        await _udp.SendToAsync(DnsMessageWriter.ToArray(good)!, client);
        Assert.Equal(0, await asking);
        Assert.Contains("192.0.2.7", _run.Out);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Query_TcpAskedForOrResponseCut_UsesTcp(bool askedFor)
    {
        _tcp.Listen();
        var asking = askedFor ? _run.RunAsync("query", "www.example", "@" + Server, "+tcp") : _run.RunAsync("query", "www.example", "@" + Server);
        if (!askedFor)
        {
            await AnswerUdpAsync(query => Response(query, ResponseCode.NoError, isTruncated: true));
        }

        await using var client = new NetworkStream(await _tcp.AcceptAsync(), ownsSocket: true);
        var prefix = new byte[2];
        await client.ReadExactlyAsync(prefix);
        var octets = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await client.ReadExactlyAsync(octets);
        var answer = DnsMessageWriter.ToArray(Response(Read(octets), ResponseCode.NoError, ResourceRecord.Create("www.example.", 300, RecordType.A, "192.0.2.9")))!;
        BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)answer.Length);
        await client.WriteAsync(prefix);
        await client.WriteAsync(answer);

        Assert.Equal(0, await asking);
        Assert.Contains("over TCP", _run.Out);
        Assert.Contains("192.0.2.9", _run.Out);
    }

    [Fact]
    public async Task Query_NobodyThere_IsUnavailable()
    {
        var server = Server;
        _udp.Dispose();
        Assert.Equal(69, await _run.RunAsync("query", "www.example", "@" + server));
        Assert.Contains("did not answer", _run.Error);
    }

    [Fact]
    public async Task Query_NoServer_AsksWhereTheProxyListens()
    {
        _run.With("appsettings.json", $$"""{ "DnsFlow": { "Listeners": { "local": { "Endpoints": ["0.0.0.0:{{Server.Port}}"] } } } }""");
        var asking = _run.RunAsync("query", "www.example");
        await AnswerUdpAsync(query => Response(query, ResponseCode.NXDomain));
        Assert.Equal(1, await asking);
    }

    [Theory]
    [InlineData("a", "b", "c")]
    [InlineData("@127.0.0.1")]
    [InlineData("www.example", "NOTYPE")]
    [InlineData("www..example")]
    [InlineData("www.example", "@nowhere")]
    [InlineData("www.example", "@127.0.0.1:99999")]
    [InlineData("www.example", "+bogus")]
    public async Task Query_WrongWords_IsUsage(params string[] words)
    {
        Assert.Equal(2, await _run.RunAsync(["query", .. words]));
        Assert.Single(_run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:53")]
    [InlineData("127.0.0.1:1053", "127.0.0.1:1053")]
    [InlineData("::1", "[::1]:53")]
    [InlineData("[::1]", "[::1]:53")]
    [InlineData("[::1]:5", "[::1]:5")]
    [InlineData("udp://[fe80::1]:53", "[fe80::1]:53")]
    public void TryParse_ServerAddress_IsRead(string text, string expected)
    {
        Assert.True(ServerAddress.TryParse(text, 53, out var endpoint));
        Assert.Equal(expected, endpoint.ToString());
    }

    public void Dispose()
    {
        _udp.Dispose();
        _tcp.Dispose();
        _run.Dispose();
    }

    private async Task<DnsMessage> AnswerUdpAsync(Func<DnsMessage, DnsMessage> answer)
    {
        var (octets, client) = await ReceiveAsync();
        var query = Read(octets);
        await _udp.SendToAsync(DnsMessageWriter.ToArray(answer(query))!, client);
        return query;
    }

    private async Task<(byte[] Octets, EndPoint Client)> ReceiveAsync()
    {
        var buffer = new byte[4096];
        var received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
        return (buffer[..received.ReceivedBytes], received.RemoteEndPoint);
    }

    private static DnsMessage Read(byte[] octets) => DnsMessageReader.TryRead(octets, out var message) ? message : throw new FormatException("not a message");

    private static DnsMessage Response(DnsMessage query, ResponseCode code, params ResourceRecord[] answer) => Response(query, code, false, answer);

    private static DnsMessage Response(DnsMessage query, ResponseCode code, bool isTruncated, params ResourceRecord[] answer)
        => new() { Id = query.Id, IsResponse = true, IsTruncated = isTruncated, ResponseCode = code, Questions = query.Questions, Answer = answer };
}
