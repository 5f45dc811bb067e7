using System.Globalization;
using System.Net;
using System.Text;
using DnsFlow.Flows;
using DnsFlow.Lists;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Tests.Lists;

/// <summary>Triggers of policy zones on clients, alone and in exceptions.</summary>
public sealed class ClientTriggerTests
{
    private const string Zone = """
        $ORIGIN policy.example.
        @ SOA ns.policy.example. root.policy.example. 1 3600 1200 604800 60
        24.0.2.0.192.rpz-client-ip CNAME .
        32.5.2.0.192.rpz-client-ip A 198.51.100.1
                                   A 198.51.100.2
                                   AAAA 2001:db8::5
        32.5.2.0.192.rpz-client-ip A 198.51.100.1
        32.6.2.0.192.rpz-client-ip CNAME wall.example.
        32.6.2.0.192.rpz-client-ip A 198.51.100.3
        32.7.2.0.192.rpz-client-ip A 198.51.100.4
        32.7.2.0.192.rpz-client-ip CNAME wall.example.
        32.8.2.0.192.rpz-client-ip CNAME rpz-tcp-only.
        48.zz.1.db8.2001.rpz-client-ip CNAME *.
        64.zz.2.1.db8.2001.rpz-client-ip CNAME rpz-passthru.
        64.0.0.0.0.3.0.1.db8.2001.rpz-client-ip CNAME .
        known.example CNAME *.
        """;

    private static readonly ListData s_list = TestLists.Read(Zone);

    [Theory]
    [InlineData("192.0.2.1", "NXDomain")]
    [InlineData("192.0.2.5", "A 198.51.100.1, A 198.51.100.2, AAAA 2001:db8::5")]
    [InlineData("192.0.2.6", "CNAME wall.example.")]
    [InlineData("192.0.2.7", "A 198.51.100.4")]
    [InlineData("192.0.2.8", "Truncate")]
    [InlineData("192.0.3.1", "none")]
    [InlineData("2001:db8:1::1", "NoData")]
    [InlineData("2001:db8:1:2::1", "none")]
    public void Match_Client_DoesWhatTheRecordsOfTheLongestPrefixSay(string client, string answer) => Assert.Equal(answer, Ask(s_list, "www.example", client));

    [Fact]
    public void Match_PassedThrough_IsPassedForNamesToo() => Assert.Equal("none", Ask(s_list, "known.example", "2001:db8:1:2::1"));

    [Fact]
    public void Match_TcpOnlyOverStream_LetsTheQueryPass() =>
        Assert.False(TestLists.Ask(TestLists.Set(s_list), "known.example", client: "192.0.2.8", transport: FlowTransport.Tcp).IsMatch);

    [Fact]
    public void Read_RecordsBesideAnAction_AreSkippedWithTheReason()
    {
        var list = TestLists.Read("""
            32.6.2.0.192.rpz-client-ip CNAME wall.example.
            32.6.2.0.192.rpz-client-ip A 198.51.100.3
            32.7.2.0.192.rpz-client-ip CNAME .
            32.7.2.0.192.rpz-client-ip A 198.51.100.3
            32.8.2.0.192.rpz-client-ip A 198.51.100.3
            32.8.2.0.192.rpz-client-ip CNAME rpz-passthru.
            32.9.2.0.192.rpz-ip CNAME rpz-drop.
            32.9.2.0.192.rpz-ip A 198.51.100.3
            alias.example CNAME wall.example.
            alias.example CNAME other.example.
            alias.example A 198.51.100.3
            alias.example CNAME wall.example.
            """);
        Assert.Equal([2, 4, 6, 8, 10, 11], list.Sources[0].FirstSkipped.Select(static line => line.Line));
        Assert.Equal(6, list.Sources[0].Skipped[SkipReason.BesideAction]);
        Assert.Equal("CNAME wall.example.", Ask(list, "alias.example", "127.0.0.1"));
    }

    [Fact]
    public void Describe_SeveralRecords_NamesTheFirstLine() => Assert.Equal(
        new ListEntryReport("ads", "ads.txt", 4, "32.5.2.0.192.rpz-client-ip A 198.51.100.1 A 198.51.100.2 AAAA 2001:db8::5"),
        TestLists.Ask(TestLists.Set(s_list), "www.example", client: "192.0.2.5").Describe());

    [Theory]
    [InlineData("192.0.2.1", "none")]           // a network in the exceptions
    [InlineData("192.0.2.5", "none")]           // though the list has a longer prefix
    [InlineData("192.0.2.6", "none")]           // though the list has the same trigger
    [InlineData("192.0.2.129", "NXDomain")]     // beside the network
    [InlineData("2001:db8:1::1", "none")]       // written as passed through
    [InlineData("2001:db8:1:3::1", "none")]     // longer again
    public void Match_ClientInExcept_IsLeftAlone(string client, string answer)
    {
        var list = TestLists.Read(Zone, except: """
            25.0.2.0.192.rpz-client-ip CNAME .
            32.6.2.0.192.rpz-client-ip A 198.51.100.3
            32.6.2.0.192.rpz-client-ip AAAA 2001:db8::1
            48.zz.1.db8.2001.rpz-client-ip CNAME rpz-passthru.
            """);
        Assert.Equal(answer, Ask(list, "known.example", client));
        Assert.Empty(list.Sources[1].FirstSkipped);
    }

    [Fact]
    public void Match_NameInExcept_IsLeftAloneForEveryClient()
    {
        var list = TestLists.Read(Zone, except: "www.example\n");
        Assert.Equal("none", Ask(list, "www.example", "192.0.2.1"));
        Assert.Equal("NXDomain", Ask(list, "other.example", "192.0.2.1"));
    }

    [Fact]
    public void Match_AllThatAListMayHave_IsThatOfTheLongestPrefix_AndOneMoreIsSkipped()
    {
        var text = new StringBuilder();
        for (var i = 0; i < ListLimits.MaxClientEntries / 2; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"32.{i & 255}.{i >> 8}.0.10.rpz-client-ip A 192.0.{i >> 8}.{i & 255}\n");
            text.Append(CultureInfo.InvariantCulture, $"64.zz.{i:x}.db8.2001.rpz-client-ip CNAME *.\n");
        }

        text.Append("8.0.0.0.11.rpz-client-ip CNAME .\n");
        var list = TestLists.Read(text.ToString());
        Assert.Equal((ListLimits.MaxClientEntries, 1), (list.Count, list.Sources[0].Skipped[SkipReason.TooManyClientTriggers]));
        var lists = TestLists.Set(list);
        for (var i = 0; i < ListLimits.MaxClientEntries / 2; i += 97)
        {
            Assert.Equal((2 * i) + 1, TestLists.Ask(lists, "www.example", client: $"10.0.{i >> 8}.{i & 255}").Describe()!.Line);
            Assert.Equal((2 * i) + 2, TestLists.Ask(lists, "www.example", client: $"2001:db8:{i:x}::7").Describe()!.Line);
        }

        Assert.False(TestLists.Ask(lists, "www.example", client: "11.0.0.1").IsMatch);
    }

    [Theory]
    [InlineData("192.0.2.5")]
    [InlineData("2001:db8:1:2::1")]
    public void Match_Client_AllocatesNothing(string client)
    {
        var lists = TestLists.Set(s_list);
        var flow = new FlowFacts(new FlowKey(FlowTransport.Udp, FlowEndpoint.From(IPAddress.Parse(client), 40_000), FlowEndpoint.From(IPAddress.Loopback, 53)), 0);
        var name = DomainName.Parse("www.example").Wire.ToArray();
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++)
            {
                var lookup = default(ListLookup);
                lists.TryMatch(0, name, RecordType.A, flow, ref lookup, out _);
            }

            Assert.True(round == 0 || (GC.GetAllocatedBytesForCurrentThread() - before) / 10_000 == 0);
        }
    }

    private static string Ask(ListData list, string name, string client)
    {
        var match = TestLists.Ask(TestLists.Set(list), name, client: client);
        return match.IsMatch ? AdBlockReaderTests.Print(match.Answer) : "none";
    }
}
