using System.Net;
using DnsFlow.Flows;
using DnsFlow.Lists;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Tests.Lists;

/// <summary>Triggers of policy zones on what upstreams answer.</summary>
public sealed class AnswerTriggerTests
{
    private const string Zone = """
        $ORIGIN policy.example.
        @ SOA ns.policy.example. root.policy.example. 1 3600 1200 604800 60
        24.0.2.0.192.rpz-ip CNAME .
        32.7.2.0.192.rpz-ip CNAME rpz-passthru.
        28.16.2.0.192.rpz-ip CNAME rpz-drop.
        32.17.2.0.192.rpz-ip CNAME rpz-tcp-only.
        32.9.2.0.192.rpz-ip A 198.51.100.1
                            AAAA 2001:db8::5
        48.zz.1.db8.2001.rpz-ip CNAME *.
        16.zz.ffff.rpz-ip CNAME .
        ns.bad.example.rpz-nsdname CNAME .
        *.bad.example.rpz-nsdname CNAME *.
        *.ok.bad.example.rpz-nsdname CNAME rpz-passthru.
        known.example CNAME *.
        let.example CNAME rpz-passthru.
        32.9.0.0.127.rpz-client-ip CNAME rpz-passthru.
        """;

    private static readonly ListSet s_lists = TestLists.Set(TestLists.Read(Zone));

    [Theory]
    [InlineData("192.0.2.1", "NXDomain")]
    [InlineData("192.0.2.7", "none")]
    [InlineData("192.0.2.18", "Drop")]
    [InlineData("192.0.2.17", "Truncate")]
    [InlineData("192.0.2.9", "A 198.51.100.1, AAAA 2001:db8::5")]
    [InlineData("192.0.2.32", "NXDomain")]
    [InlineData("192.0.1.255", "none")]
    [InlineData("192.0.3.0", "none")]
    [InlineData("2001:db8:1::1", "NoData")]
    [InlineData("2001:db8:2::1", "none")]
    [InlineData("198.51.100.1 192.0.2.1", "NXDomain")]      // one of several
    [InlineData("192.0.2.1 192.0.2.18", "Drop")]            // the longest prefix, wherever it stands
    [InlineData("192.0.2.1 192.0.2.7", "none")]             // passed through by a longer one
    public void Match_Address_DoesWhatTheLongestPrefixSays(string addresses, string answer) => Assert.Equal(answer, Print(Ask("www.example", addresses, "")));

    [Theory]
    [InlineData("ns.bad.example", "NXDomain")]
    [InlineData("NS.Bad.Example", "NXDomain")]
    [InlineData("a.b.bad.example", "NoData")]
    [InlineData("bad.example", "none")]
    [InlineData("x.ok.bad.example", "none")]
    [InlineData("other.example", "none")]
    [InlineData("other.example x.bad.example ns.bad.example", "NXDomain")]
    public void Match_Server_DoesWhatTheLongestNameSays(string servers, string answer) => Assert.Equal(answer, Print(Ask("www.example", "198.51.100.9", servers)));

    [Theory]
    [InlineData("known.example", "192.0.2.1", "ns.bad.example", "127.0.0.1", "NoData")]
    [InlineData("let.example", "192.0.2.1", "ns.bad.example", "127.0.0.1", "none")]
    [InlineData("www.example", "192.0.2.1", "a.bad.example", "127.0.0.1", "NXDomain")]
    [InlineData("www.example", "192.0.2.7", "ns.bad.example", "127.0.0.1", "none")]
    [InlineData("known.example", "192.0.2.1", "ns.bad.example", "127.0.0.9", "none")]
    public void Match_SeveralTriggers_ClientThenNameThenAddressThenServerDecides(string name, string addresses, string servers, string client, string answer) =>
        Assert.Equal(answer, Print(Ask(name, addresses, servers, client)));

    [Fact]
    public void Match_TcpOnlyOverStream_LetsTheAnswerPass() => Assert.False(Ask("www.example", "192.0.2.17", "", transport: FlowTransport.Tcp).IsMatch);

    [Fact]
    public void Match_BeforeThereIsAnAnswer_DoesNotMatch() => Assert.False(TestLists.Ask(s_lists, "www.example").IsMatch);

    [Fact]
    public void Match_NameInExcept_IsNeverMatched() =>
        Assert.False(Ask("www.example", "192.0.2.1", "", lists: TestLists.Set(TestLists.Read(Zone, except: "www.example\n"))).IsMatch);

    [Theory]
    [InlineData("192.0.2.1", "", "none")]
    [InlineData("192.0.2.9", "", "none")]                               // the list has a longer prefix
    [InlineData("192.0.2.18 192.0.2.1", "", "none")]                    // one of several addresses, and the list has a longer prefix for the other
    [InlineData("2001:db8:1::1", "", "none")]                           // the list has the same trigger
    [InlineData("198.51.100.9", "x.bad.example", "none")]
    [InlineData("198.51.100.9", "ns.bad.example", "none")]              // the list has the very name
    [InlineData("192.0.2.32", "", "NXDomain")]
    public void Match_TriggerInExcept_IsNeverMatched(string addresses, string servers, string answer) =>
        Assert.Equal(answer, Print(Ask("www.example", addresses, servers, lists: TestLists.Set(TestLists.Read(Zone, except: """
            28.0.2.0.192.rpz-ip CNAME .
            48.zz.1.db8.2001.rpz-ip CNAME rpz-passthru.
            *.bad.example.rpz-nsdname CNAME .
            """)))));

    [Fact]
    public void Describe_Match_NamesTheLine()
    {
        Assert.Equal(new ListEntryReport("ads", "ads.txt", 3, "24.0.2.0.192.rpz-ip CNAME ."), Ask("www.example", "192.0.2.1", "").Describe());
        Assert.Equal(new ListEntryReport("ads", "ads.txt", 7, "32.9.2.0.192.rpz-ip A 198.51.100.1 AAAA 2001:db8::5"), Ask("www.example", "192.0.2.9", "").Describe());
        Assert.Equal(new ListEntryReport("ads", "ads.txt", 12, "*.bad.example.rpz-nsdname CNAME *."), Ask("www.example", "", "a.bad.example").Describe());
    }

    [Fact]
    public void Read_BadTriggers_AreSkippedWithTheirReasons() => Assert.Equal(
        [SkipReason.BadTrigger, SkipReason.CoversEverything, SkipReason.ServerAddress],
        TestLists.Read("ok.example CNAME .\n33.0.2.0.192.rpz-ip CNAME .\n*.*.rpz-nsdname CNAME .\n32.1.2.0.192.rpz-nsip CNAME .\n").Sources[0].FirstSkipped.Select(static line => line.Reason));

    [Fact]
    public void Match_ManyNetworks_IsThatOfALinearSearch()
    {
        var random = new Random(4711);
        var networks = Enumerable.Range(0, 400).Select(_ => (Length: random.Next(1, 33), Address: (uint)random.Next(0, 64) << 26 | (uint)random.Next(0, 1 << 10))).ToList();
        var table = new NetworkTable(networks.Select(static (one, number) => (Network(one.Address, one.Length), number)));
        for (var i = 0; i < 20_000; i++)
        {
            var address = i < networks.Count ? networks[i].Address : (uint)random.Next(0, 64) << 26 | (uint)random.Next(0, 1 << 10);
            var expected = networks.Select(static (one, number) => (one.Length, one.Address, Number: number))
                .Where(one => (one.Address ^ address) >> (32 - one.Length) == 0).OrderByDescending(static one => one.Length).ThenBy(static one => one.Number)
                .Select(static one => one.Number).FirstOrDefault(-1);
            Assert.Equal(expected, table.Find(FlowEndpoint.FromIPv4(address, 0)));
        }

        static IPNetwork Network(uint address, int length) =>
            new(FlowEndpoint.FromIPv4(address >> (32 - length) << (32 - length), 0).ToAddress(), length);
    }

    [Theory]
    [InlineData("192.0.2.1", "other.example")]
    [InlineData("198.51.100.1", "a.b.bad.example")]
    public void Match_Answer_AllocatesNothing(string address, string server)
    {
        var flow = Flow("127.0.0.1", FlowTransport.Udp);
        var name = DomainName.Parse("www.example").Wire.ToArray();
        var response = Response("www.example", address, server);
        var matches = 0;
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++)
            {
                var lookup = default(ListLookup);
                matches += s_lists.TryMatchAnswer(0, name, RecordType.A, flow, response, ref lookup, out _) ? 1 : 0;
            }

            Assert.True(round == 0 || (GC.GetAllocatedBytesForCurrentThread() - before) / 10_000 == 0);
        }

        Assert.Equal(20_000, matches);
    }

    private static string Print(ListMatch match) => match.IsMatch ? AdBlockReaderTests.Print(match.Answer) : "none";

    private static ListMatch Ask(
        string name, string addresses, string servers, string client = "127.0.0.1", FlowTransport transport = FlowTransport.Udp, ListSet? lists = null)
    {
        var lookup = default(ListLookup);
        (lists ?? s_lists).TryMatchAnswer(
            0, DomainName.Parse(name).Wire, RecordType.A, Flow(client, transport), Response(name, addresses, servers), ref lookup, out var match);
        return match;
    }

    private static FlowFacts Flow(string client, FlowTransport transport) =>
        new(new FlowKey(transport, FlowEndpoint.From(IPAddress.Parse(client), 40_000), FlowEndpoint.From(IPAddress.Loopback, 53)), 0);

    private static byte[] Response(string name, string addresses, string servers) => DnsMessageWriter.ToArray(new DnsMessage
    {
        Flags = DnsResponses.ResponseFlags(DnsHeader.RecursionDesiredBit, ResponseCode.NoError),
        Questions = [new Question(DomainName.Parse(name), RecordType.A)],
        Answer = [.. Words(addresses).Select(address => ResourceRecord.Create(name, 300, address.Contains(':', StringComparison.Ordinal) ? RecordType.AAAA : RecordType.A, address))],
        Authority = [.. Words(servers).Select(static server => ResourceRecord.Create("example", 300, RecordType.NS, server + "."))],
    })!;

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
