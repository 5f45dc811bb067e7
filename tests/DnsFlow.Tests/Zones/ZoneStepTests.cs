using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Zones;
using static DnsFlow.Tests.Zones.ZoneAsker;

namespace DnsFlow.Tests.Zones;

public class ZoneStepTests
{
    private const string Soa = "example. 300 SOA ns.example. hostmaster.example. 1 2 3 4 300";

    [Fact]
    public void Invoke_ExistingName_AnswersWithAuthority()
    {
        var reply = Ask(Step("www A 192.0.2.1\nwww A 192.0.2.2\nwww AAAA 2001:db8::1"), "www.example. A");

        Assert.Equal(["www.example. 3600 A 192.0.2.1", "www.example. 3600 A 192.0.2.2"], reply.Answers);
        Assert.Empty(reply.Authorities);
        Assert.True(reply.IsAuthoritative);
        Assert.True(reply.Header.IsResponse);
        Assert.True(reply.Header.RecursionDesired);
        Assert.Equal(0x1234, reply.Header.Id);
        Assert.Equal(ResponseCode.NoError, reply.Code);
    }

    [Fact]
    public void Invoke_QuestionInMixedCase_KeepsTheAskersCase()
    {
        var reply = Ask(Step("www A 192.0.2.1"), "wWw.ExAmple. A");

        Assert.Equal("wWw.ExAmple.", reply.Question);
        Assert.Equal(["wWw.ExAmple. 3600 A 192.0.2.1"], reply.Answers);
    }

    [Theory]
    [InlineData("www A 192.0.2.1", "www.example. AAAA")]        // the type is missing
    [InlineData("a.b.www A 192.0.2.1", "www.example. A")]       // an empty non-terminal (RFC 8020)
    [InlineData("x.*.w A 192.0.2.1", "y.w.example. A")]         // a wildcard that is an empty non-terminal (RFC 4592 section 4.8)
    public void Invoke_NameWithoutTheType_IsNoData(string records, string question)
    {
        var reply = Ask(Step(records), question);

        // RFC 2308 section 2.2: no answer, the SOA in the authority section; section 3: its TTL is the smaller of its own and MINIMUM.
        Assert.Equal(ResponseCode.NoError, reply.Code);
        Assert.Empty(reply.Answers);
        Assert.Equal([Soa], reply.Authorities);
    }

    [Fact]
    public void Invoke_NameThatDoesNotExist_IsNXDomainWithSoa()
    {
        var reply = Ask(Step("www A 192.0.2.1"), "a.very.deep.name.example. A");

        Assert.Equal(ResponseCode.NXDomain, reply.Code);
        Assert.Equal([Soa], reply.Authorities);
    }

    [Fact]
    public void Invoke_SoaTtlBelowMinimum_NegativeTakesTheSoasTtl()
    {
        var errors = new ZoneErrors();
        var zone = Compile("@ 60 SOA ns h 1 2 3 4 300\n@ 60 NS ns.other.\n", "example.", errors);
        var table = new NameTable<Zone>(1);
        table.TryAdd(zone!.Apex.ToArray(), zone);

        Assert.Equal(["example. 60 SOA ns.example. h.example. 1 2 3 4 300"], Ask(new ZoneStep(new ZoneStore(new ZoneTable(table, null))), "x.example. A").Authorities);
    }

    [Theory]
    // RFC 4592 section 2.2.1, with its zone and its questions.
    [InlineData("host3.example. MX", "host3.example. 3600 MX 10 host1.example.", ResponseCode.NoError)]
    [InlineData("host3.example. A", null, ResponseCode.NoError)]
    [InlineData("foo.bar.example. TXT", "foo.bar.example. 3600 TXT \"this is a wildcard\"", ResponseCode.NoError)]
    [InlineData("host1.example. MX", null, ResponseCode.NoError)]
    [InlineData("sub.*.example. MX", null, ResponseCode.NoError)]
    [InlineData("_telnet._tcp.host1.example. SRV", null, ResponseCode.NXDomain)]
    [InlineData("ghost.*.example. MX", null, ResponseCode.NXDomain)]
    public void Invoke_ZoneOfRfc4592_AnswersAsTheRfcSays(string question, string? answer, ResponseCode code)
    {
        var step = Step("""
            *.example.                   TXT "this is a wildcard"
            *.example.                   MX  10 host1.example.
            sub.*.example.               TXT "this is not a wildcard"
            host1.example.               A   192.0.2.1
            _ssh._tcp.host1.example.     SRV 0 0 22 host1.example.
            _ssh._tcp.host2.example.     SRV 0 0 22 host2.example.
            subdel.example.              NS  ns.example.com.
            subdel.example.              NS  ns.example.net.
            """);

        var reply = Ask(step, question);

        Assert.Equal(code, reply.Code);
        Assert.Equal(answer is null ? [] : [answer], reply.Answers);
    }

    [Theory]
    [InlineData("host.subdel.example. A")]
    [InlineData("subdel.example. NS")]
    [InlineData("ns.subdel.example. A")]
    [InlineData("a.wild.example. A")]
    public void Invoke_DelegatedName_IsNotOurs(string question)
    {
        var step = Step("subdel NS ns.subdel\nns.subdel A 192.0.2.9\n*.wild NS ns.other.");

        Assert.Equal(StepResult.Continue, Ask(step, question).Result);
    }

    [Fact]
    public void Invoke_DsOfADelegatedName_IsOurs()
    {
        // RFC 4035 section 3.1.4.1: the parent answers for the DS.
        var reply = Ask(Step("sub NS ns.other."), "sub.example. DS");

        Assert.Equal(ResponseCode.NoError, reply.Code);
        Assert.Equal([Soa], reply.Authorities);
    }

    [Fact]
    public void Invoke_DsOfAnApex_IsAskedOfTheZoneAbove()
    {
        var step = new ZoneStep(Store(("example.", "www A 192.0.2.1"), ("sub.example.", "")));

        Assert.Equal([Soa], Ask(step, "sub.example. DS").Authorities);
        Assert.Equal(StepResult.Continue, Ask(step, "example. DS").Result);
    }

    [Fact]
    public void Invoke_ZoneBelowAZone_TheLongestApexAnswers()
    {
        var step = new ZoneStep(Store(("example.", "a.sub A 192.0.2.1"), ("sub.example.", "b A 192.0.2.2")));

        Assert.Equal(ResponseCode.NXDomain, Ask(step, "a.sub.example. A").Code);
        Assert.Equal(["b.sub.example. 3600 A 192.0.2.2"], Ask(step, "b.sub.example. A").Answers);
    }

    [Theory]
    [InlineData("other. A")]
    [InlineData("notexample. A")]
    [InlineData(". NS")]
    public void Invoke_NameOutsideOfTheZones_Continues(string question) =>
        Assert.Equal(StepResult.Continue, Ask(Step("www A 192.0.2.1"), question).Result);

    [Fact]
    public void Invoke_SkipLocalDataOrOtherClass_Continues()
    {
        var step = Step("www A 192.0.2.1");

        Assert.Equal(StepResult.Continue, Ask(step, "www.example. A", skip: true).Result);
        Assert.Equal(StepResult.Continue, Ask(step, "www.example. A", @class: RecordClass.CH).Result);
    }

    [Fact]
    public void Invoke_ChainOfAliases_AnswersAllOfIt()
    {
        var step = new ZoneStep(Store(
            ("example.", "a CNAME B.Sub\nb.sub CNAME c.other."), ("other.", "c A 192.0.2.3")));

        var reply = Ask(step, "A.example. A");

        Assert.Equal(
            ["A.example. 3600 CNAME B.Sub.example.", "B.Sub.example. 3600 CNAME c.other.", "c.other. 3600 A 192.0.2.3"], reply.Answers);
        Assert.Equal(ResponseCode.NoError, reply.Code);
        Assert.Single(Ask(step, "a.example. CNAME").Answers);
    }

    [Fact]
    public void Invoke_AliasToANameThatDoesNotExist_IsNXDomain()
    {
        // RFC 6604 section 3: the RCODE is that of the last name of the chain.
        var reply = Ask(Step("a CNAME gone"), "a.example. A");

        Assert.Equal(ResponseCode.NXDomain, reply.Code);
        Assert.Single(reply.Answers);
        Assert.Equal([Soa], reply.Authorities);
    }

    [Theory]
    [InlineData("www.elsewhere.")]
    [InlineData("www.sub.example.")]
    public void Invoke_AliasThatLeavesOurZones_AnswersTheAliasAlone(string target)
    {
        var reply = Ask(Step($"a CNAME {target}\nsub NS ns.other."), "a.example. A");

        Assert.Equal(ResponseCode.NoError, reply.Code);
        Assert.Equal([$"a.example. 3600 CNAME {target}"], reply.Answers);
        Assert.Empty(reply.Authorities);
    }

    [Fact]
    public void Invoke_LoopOfAliases_Ends()
    {
        var reply = Ask(Step("a CNAME b\nb CNAME a"), "a.example. A", tcp: true);

        Assert.Equal(ZoneResponder.MaxAliases, reply.Answers.Count);
    }

    [Fact]
    public void Invoke_WildcardAlias_IsOwnedByTheAskedName() => Assert.Equal(
        ["x.w.example. 3600 CNAME www.example.", "www.example. 3600 A 192.0.2.1"],
        Ask(Step("*.w CNAME www\nwww A 192.0.2.1"), "x.w.example. A").Answers);

    [Fact]
    public void Invoke_NameBelowADname_IsRenamed()
    {
        // RFC 6672 section 3.1: the DNAME, a CNAME with its TTL, and what the new name has.
        var step = Step("old 600 DNAME new\nocc.old A 192.0.2.8\nwww.new A 192.0.2.7");

        Assert.Equal(
            ["old.example. 600 DNAME new.example.", "www.old.example. 600 CNAME www.new.example.", "www.new.example. 3600 A 192.0.2.7"],
            Ask(step, "www.old.example. A").Answers);
        Assert.Equal(ResponseCode.NXDomain, Ask(step, "occ.old.example. A").Code);
        Assert.Equal([Soa], Ask(step, "old.example. A").Authorities);
        Assert.Equal(["old.example. 600 DNAME new.example."], Ask(step, "old.example. DNAME").Answers);
    }

    [Fact]
    public void Invoke_DnameMakesTheNameTooLong_IsYXDomain()
    {
        var label = new string('x', 60);
        var step = Step($"d DNAME {label}.{label}.{label}.long");

        var reply = Ask(step, $"{label}.d.example. A");

        Assert.Equal(ResponseCode.YXDomain, reply.Code);
        Assert.Single(reply.Answers);
    }

    [Fact]
    public void Invoke_Any_AnswersAllRRsets() =>
        Assert.Equal(3, Ask(Step("www A 192.0.2.1\nwww AAAA 2001:db8::1\nwww TXT hi"), "www.example. ANY", tcp: true).Answers.Count);

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(512, false, true)]
    [InlineData(1232, false, false)]
    [InlineData(4096, false, false)]
    [InlineData(0, true, false)]
    public void Invoke_ResponseLargerThanTheAskerTakes_IsTruncated(int edns, bool tcp, bool truncated)
    {
        var step = Step(string.Join('\n', Enumerable.Range(1, 50).Select(i => $"many A 192.0.2.{i}")));

        var reply = Ask(step, "many.example. A", edns, tcp);

        Assert.Equal(truncated, reply.Header.IsTruncated);
        Assert.Equal(truncated ? 0 : 50, reply.Answers.Count);
        Assert.Equal(edns > 0 ? ["OPT"] : [], reply.Additionals);
        Assert.True(reply.Length <= (tcp ? 65_535 : edns is 0 ? 512 : Math.Min(edns, 1232)));
    }

    [Fact]
    public void Invoke_ResponseThatFitsButForTheOpt_IsTruncated()
    {
        // 12 + 18 + 16 n = 512 needs 30.1 records: 30 fit with 2 octets to spare, not enough for an OPT of 11.
        var step = Step(string.Join('\n', Enumerable.Range(1, 30).Select(i => $"manyy A 192.0.2.{i}")));

        Assert.Equal(511, Ask(step, "manyy.example. A").Length);
        Assert.True(Ask(step, "manyy.example. A", edns: 512).Header.IsTruncated);
    }

    [Fact]
    public void Invoke_Answered_SaysWhoDecidedAndHowItCounts()
    {
        var message = Query("www.example.", RecordType.A);
        var facts = Udp;
        var context = new QueryContext(message, ref facts, new byte[255], new byte[1232], 0);

        Step("www A 192.0.2.1").Invoke(ref context);

        Assert.Equal(QueryOutcome.Local, context.Outcome);
        Assert.Equal("zones", context.Decision.Step);
        Assert.Equal(ResponseCode.NoError, context.ResponseCode);
    }

    [Fact]
    public void Invoke_AnyKindOfAnswer_AllocatesNothing()
    {
        var step = Step("www A 192.0.2.1\na CNAME b\nb CNAME www\n*.w TXT hi\nold DNAME w\nsub NS ns.other.");
        string[] names = ["www.example.", "a.example.", "x.w.example.", "x.old.example.", "gone.example.", "sub.example.", "other."];
        var messages = names.Select(name => Query(name, RecordType.A, edns: 1232)).ToArray();
        byte[] lowered = new byte[255], response = new byte[1232];
        InvokeMany(step, messages, lowered, response, 1_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        InvokeMany(step, messages, lowered, response, 100_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void InvokeMany(ZoneStep step, byte[][] messages, byte[] lowered, byte[] response, int count)
    {
        var facts = Udp;
        for (var i = 0; i < count; i++)
        {
            var context = new QueryContext(messages[i % messages.Length], ref facts, lowered, response, 0);
            step.Invoke(ref context);
        }
    }
}
