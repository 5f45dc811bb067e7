using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Zones;
using static DnsFlow.Tests.Zones.ZoneAsker;

namespace DnsFlow.Tests.Zones;

/// <summary>Signed zones, referrals and zones without data. (tests/DnsFlow.FunctionalTests compares whole zones with nsd.)</summary>
public class ZoneDnssecTests
{
    private const string Signed = """
        @ RRSIG SOA 8 1 3600 20300101000000 20200101000000 1 example. AAAA
        @ NSEC a NS SOA RRSIG NSEC
        @ RRSIG NSEC 8 1 3600 20300101000000 20200101000000 1 example. BBBB
        a A 192.0.2.1
        a RRSIG A 8 2 3600 20300101000000 20200101000000 1 example. CCCC
        a NSEC *.w A RRSIG NSEC
        *.w A 192.0.2.2
        *.w RRSIG A 8 2 3600 20300101000000 20200101000000 1 example. DDDD
        *.w NSEC sub A RRSIG NSEC
        sub NS ns.sub
        sub NSEC ns NS
        ns.sub A 192.0.2.3
        ns NSEC @ A NSEC
        """;

    [Fact]
    public void Invoke_WithoutDo_GivesNoSignature()
    {
        var reply = Ask(Step(Signed), "a.example. A");

        Assert.Equal(["a.example. 3600 A 192.0.2.1"], reply.Answers);
        Assert.Empty(reply.Authorities);
    }

    [Fact]
    public void Invoke_WithDo_GivesTheSignature() =>
        Assert.Equal(["A", "RRSIG"], Types(Ask(Step(Signed), "a.example. A", dnssec: true).Answers));

    [Fact]
    public void Invoke_NoName_ProvesThatNeitherItNorAWildcardExists()
    {
        // RFC 4035 section 3.1.3.2.
        var reply = Ask(Step(Signed), "x.a.example. A", dnssec: true);

        Assert.Equal(ResponseCode.NXDomain, reply.Code);
        Assert.Equal(["example. SOA", "example. RRSIG", "a.example. NSEC"], Owners(reply.Authorities));
    }

    [Fact]
    public void Invoke_NoType_ProvesWhatTheNameHas() =>
        Assert.Equal(["example. SOA", "example. RRSIG", "a.example. NSEC"], Owners(Ask(Step(Signed), "a.example. MX", dnssec: true).Authorities));

    [Fact]
    public void Invoke_Wildcard_ProvesThatTheNameItselfDoesNotExist()
    {
        // RFC 4035 section 3.1.3.3.
        var reply = Ask(Step(Signed), "x.w.example. A", dnssec: true);

        Assert.Equal(["x.w.example. A", "x.w.example. RRSIG"], Owners(reply.Answers));
        Assert.Equal(["*.w.example. NSEC"], Owners(reply.Authorities));
    }

    [Fact]
    public void Invoke_TypeRrsig_GivesAllSignaturesOfTheName() =>
        Assert.Equal(["RRSIG", "RRSIG"], Types(Ask(Step(Signed), "example. RRSIG").Answers));

    [Fact]
    public void Invoke_DelegationWithoutRecursionDesired_IsAReferralWithGlueAndProof()
    {
        var reply = Ask(Step(Signed), "www.sub.example. A", dnssec: true, recursion: false);

        Assert.False(reply.IsAuthoritative);
        Assert.Empty(reply.Answers);
        Assert.Equal(["sub.example. NS", "sub.example. NSEC"], Owners(reply.Authorities));
        Assert.Equal(["ns.sub.example. 3600 A 192.0.2.3", "OPT"], reply.Additionals);
    }

    [Fact]
    public void Invoke_ReferralWhoseGlueDoesNotFit_IsCut()
    {
        // RFC 9471: addresses of servers below the delegation must be there.
        var glue = string.Join('\n', Enumerable.Range(0, 30).Select(i => $"ns.sub A 192.0.2.{i}"));

        Assert.True(Ask(Step("sub NS ns.sub\n" + glue), "www.sub.example. A", recursion: false).Header.IsTruncated);
    }

    [Fact]
    public void Invoke_ZoneWithoutData_IsServfailThatSaysSo()
    {
        var table = new NameTable<Zone>(7);
        byte[] apex = [.. DomainName.Parse("corp.example.").Wire];
        table.TryAdd(apex, Zone.Unavailable(apex));
        var store = new ZoneStore(new ZoneTable(table, null));

        Assert.Equal(ResponseCode.ServFail, Ask(new ZoneStep(store), "www.corp.example. A").Code);
        Assert.Equal(StepResult.Continue, Ask(new ZoneStep(store), "other. A").Result);

        var errors = new ZoneErrors();
        Assert.True(store.TryReplace(Compile(WithHead("www A 192.0.2.1", "corp.example."), "corp.example.", errors)!, out _));
        Assert.Equal(["www.corp.example. 3600 A 192.0.2.1"], Ask(new ZoneStep(store), "www.corp.example. A").Answers);
    }

    [Theory]
    [InlineData("a.example. A")]
    [InlineData("x.a.example. A")]
    [InlineData("x.w.example. A")]
    [InlineData("a.example. MX")]
    [InlineData("www.sub.example. A")]
    public void Invoke_Signed_AllocatesNothing(string question)
    {
        var step = Step(Signed);
        var words = question.Split(' ');
        Assert.True(RecordTypes.TryParse(words[1], out var type));
        var message = Query(words[0], type, 1232, dnssec: true, recursion: false);
        var facts = Tcp;
        byte[] lowered = new byte[255], response = new byte[4096];
        Run(step, message, facts, lowered, response);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Run(step, message, facts, lowered, response);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 99);
    }

    private static void Run(ZoneStep step, byte[] message, DnsFlow.Flows.FlowFacts facts, byte[] lowered, byte[] response)
    {
        var context = new QueryContext(message, ref facts, lowered, response, 0);
        Assert.True(step.Invoke(ref context) == StepResult.Answered);
    }

    private static IEnumerable<string> Types(IEnumerable<string> records) => records.Select(record => record.Split(' ')[2]);

    private static IEnumerable<string> Owners(IEnumerable<string> records) => records.Select(record => $"{record.Split(' ')[0]} {record.Split(' ')[2]}");
}
