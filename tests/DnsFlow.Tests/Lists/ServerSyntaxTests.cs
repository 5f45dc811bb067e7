using DnsFlow.Flows;
using DnsFlow.Lists;
using DnsFlow.Protocol;

namespace DnsFlow.Tests.Lists;

/// <summary>The syntaxes of dnsmasq, unbound and response policy zones: what was observed of the servers themselves.</summary>
public sealed class ServerSyntaxTests
{
    private const string Dnsmasq = """
        # dnsmasq
        address=/x.example/
        address=/zero.example/#
        address=/null.example/0.0.0.0
        address=/four.example/192.0.2.4
        address=/six.example/2001:db8::6
        local=/local.example/
        server=/server.example/
        server=/ok.x.example/#
        server=/back.example/127.0.0.1
        server=/corp.example/10.0.0.1
        address=/*ending.example/192.0.2.8
        host-record=host.example,192.0.2.9
        address=/one.example/two.example/
        cache-size=1000
        """;

    private const string Unbound = """
        server:
        local-zone: "nx.example" always_nxdomain
        local-zone: "static.example." static
        local-zone: "null.example" always_null
        local-zone: "nodata.example" always_nodata
        local-zone: "refuse.example" refuse
        local-zone: "deny.example" deny
        local-zone: "redirect.example" redirect
        local-data: "redirect.example A 192.0.2.1"
        local-data: 'redirect.example 300 IN TXT "two words"'
        local-zone: "ok.nx.example" transparent
        local-data: "single.example. A 192.0.2.2"
        local-data: "www.static.example A 192.0.2.3"
        local-data: "static.example A 192.0.2.4"
        local-zone: "what.example" unknown
        num-threads: 4
        """;

    private const string Rpz = """
        $TTL 300
        $ORIGIN policy.example.
        @ SOA ns.policy.example. root.policy.example. ( 1 ; serial
            3600 1200 604800 60 )
          NS ns.policy.example.
        nx.example CNAME .
        *.nx.example CNAME .
        nodata.example 60 IN CNAME *.
        ok.nx.example CNAME rpz-passthru.
        self.nx.example CNAME self.nx.example.
        drop.example CNAME rpz-drop.
        tcp.example CNAME rpz-tcp-only.
        data.example A 192.0.2.5
                     AAAA 2001:db8::5
        wall.example CNAME wall.garden.example.
        *.many.example CNAME *.garden.example.
        absolute.example.policy.example. CNAME .
        24.0.2.0.192.rpz-client-ip CNAME .
        32.7.2.0.192.rpz-client-ip CNAME rpz-passthru.
        48.zz.1.db8.2001.rpz-client-ip CNAME rpz-drop.
        24.0.100.51.198.rpz-ip CNAME .
        ns.example.rpz-nsdname CNAME .
        24.0.100.51.198.rpz-nsip CNAME .
        """;

    [Theory]
    [InlineData("x.example", RecordType.A, "blocks")]
    [InlineData("www.x.example", RecordType.TXT, "blocks")]
    [InlineData("ok.x.example", RecordType.A, "none")]
    [InlineData("a.ok.x.example", RecordType.A, "none")]
    [InlineData("zero.example", RecordType.AAAA, "blocks")]
    [InlineData("null.example", RecordType.A, "blocks")]
    [InlineData("www.four.example", RecordType.A, "A 192.0.2.4")]
    [InlineData("four.example", RecordType.AAAA, "none")]
    [InlineData("four.example", RecordType.HTTPS, "A 192.0.2.4")]
    [InlineData("six.example", RecordType.AAAA, "AAAA 2001:db8::6")]
    [InlineData("six.example", RecordType.A, "none")]
    [InlineData("local.example", RecordType.A, "blocks")]
    [InlineData("server.example", RecordType.A, "blocks")]
    [InlineData("back.example", RecordType.A, "blocks")]
    [InlineData("corp.example", RecordType.A, "none")]
    [InlineData("anending.example", RecordType.A, "A 192.0.2.8")]
    [InlineData("s.ending.example", RecordType.A, "A 192.0.2.8")]
    [InlineData("host.example", RecordType.A, "A 192.0.2.9")]
    [InlineData("www.host.example", RecordType.A, "none")]
    [InlineData("two.example", RecordType.A, "blocks")]
    public void Match_Dnsmasq_AnswersAsTheServerDoes(string name, RecordType type, string answer) => AssertAnswer("dnsmasq", Dnsmasq, name, type, answer);

    [Theory]
    [InlineData("nx.example", RecordType.A, "blocks")]
    [InlineData("a.static.example", RecordType.A, "blocks")]
    [InlineData("null.example", RecordType.A, "blocks")]
    [InlineData("static.example", RecordType.A, "A 192.0.2.4")]
    [InlineData("www.static.example", RecordType.A, "A 192.0.2.3")]
    [InlineData("nodata.example", RecordType.A, "NoData")]
    [InlineData("refuse.example", RecordType.A, "Refused")]
    [InlineData("deny.example", RecordType.A, "Drop")]
    [InlineData("a.redirect.example", RecordType.A, "A 192.0.2.1, TXT \"two words\"")]
    [InlineData("ok.nx.example", RecordType.A, "none")]
    [InlineData("single.example", RecordType.A, "A 192.0.2.2")]
    [InlineData("below.single.example", RecordType.A, "none")]
    [InlineData("what.example", RecordType.A, "none")]
    public void Match_Unbound_AnswersAsTheServerDoes(string name, RecordType type, string answer) => AssertAnswer("unbound", Unbound, name, type, answer);

    [Theory]
    [InlineData("nx.example", RecordType.A, "NXDomain")]
    [InlineData("a.b.nx.example", RecordType.A, "NXDomain")]
    [InlineData("nodata.example", RecordType.A, "NoData")]
    [InlineData("below.nodata.example", RecordType.A, "none")]
    [InlineData("ok.nx.example", RecordType.A, "none")]
    [InlineData("self.nx.example", RecordType.A, "none")]
    [InlineData("drop.example", RecordType.A, "Drop")]
    [InlineData("tcp.example", RecordType.A, "Truncate")]
    [InlineData("data.example", RecordType.A, "A 192.0.2.5, AAAA 2001:db8::5")]
    [InlineData("wall.example", RecordType.A, "CNAME wall.garden.example.")]
    [InlineData("s.many.example", RecordType.A, "CNAME *.garden.example.")]
    [InlineData("many.example", RecordType.A, "none")]
    [InlineData("absolute.example", RecordType.A, "NXDomain")]
    [InlineData("policy.example", RecordType.A, "none")]
    public void Match_PolicyZone_AnswersAsTheServerDoes(string name, RecordType type, string answer) => AssertAnswer("rpz", Rpz, name, type, answer);

    [Theory]
    [InlineData("192.0.2.1", "NXDomain")]
    [InlineData("192.0.2.7", "none")]
    [InlineData("2001:db8:1:2::3", "Drop")]
    [InlineData("198.51.100.1", "none")]
    public void Match_PolicyZoneClient_LongestPrefixDecidesWhateverTheName(string client, string answer)
    {
        var match = TestLists.Ask(TestLists.Set(TestLists.Read(Rpz)), "www.elsewhere.example", RecordType.A, client);
        Assert.Equal(answer, match.IsMatch ? AdBlockReaderTests.Print(match.Answer) : "none");
    }

    [Fact]
    public void Match_TcpOnlyOverStream_LetsTheQueryPass() =>
        Assert.False(TestLists.Ask(TestLists.Set(TestLists.Read(Rpz)), "tcp.example", transport: FlowTransport.Tcp).IsMatch);

    [Fact]
    public void Read_WhatIsNoEntry_IsSkippedWithItsReason()
    {
        Assert.Equal([SkipReason.ForwardsElsewhere, SkipReason.ServerSetting], TestLists.Read(Dnsmasq).Sources[0].FirstSkipped.Select(line => line.Reason));
        Assert.Equal([SkipReason.NotBlocking, SkipReason.ServerSetting], TestLists.Read(Unbound).Sources[0].FirstSkipped.Select(line => line.Reason));
        Assert.Equal(
            [SkipReason.ZoneData, SkipReason.ZoneData, SkipReason.ServerAddress],
            TestLists.Read(Rpz).Sources[0].FirstSkipped.Select(line => line.Reason));
    }

    [Fact]
    public void Describe_Record_HasItsLine()
    {
        var report = TestLists.Ask(TestLists.Set(TestLists.Read(Rpz)), "s.many.example").Describe()!;
        Assert.Equal((16, "*.many.example CNAME *.garden.example."), (report.Line, report.Text));
    }

    private static void AssertAnswer(string syntax, string text, string name, RecordType type, string answer)
    {
        var list = TestLists.Read(text);
        Assert.Equal(syntax, list.Sources[0].Syntax);
        var match = TestLists.Ask(TestLists.Set(list), name, type);
        Assert.Equal(answer, match.IsMatch ? AdBlockReaderTests.Print(match.Answer) : "none");
    }
}
