using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Zones;
using static DnsFlow.Tests.Zones.ZoneAsker;

namespace DnsFlow.Tests.Zones;

public class SpecialNamesStepTests
{
    private static readonly SpecialNamesStep s_step = new();

    [Theory]
    [InlineData("localhost. A", "localhost. 10800 A 127.0.0.1")]
    [InlineData("localhost. AAAA", "localhost. 10800 AAAA ::1")]
    [InlineData("a.b.LocalHost. A", "a.b.LocalHost. 10800 A 127.0.0.1")]
    [InlineData("1.0.0.127.in-addr.arpa. PTR", "1.0.0.127.in-addr.arpa. 10800 PTR localhost.")]
    [InlineData("10.in-addr.arpa. NS", "10.in-addr.arpa. 10800 NS 10.in-addr.arpa.")]
    public void Invoke_NameWithData_Answers(string question, string answer) => Assert.Equal([answer], Ask(s_step, question).Answers);

    [Theory]
    [InlineData("invalid. A")]
    [InlineData("a.b.invalid. AAAA")]
    [InlineData("www.test. A")]
    [InlineData("x.onion. A")]
    [InlineData("printer.local. A")]
    [InlineData("gnu.alt. A")]
    [InlineData("nas.home.arpa. A")]
    [InlineData("1.2.3.10.in-addr.arpa. PTR")]
    [InlineData("1.0.16.172.in-addr.arpa. PTR")]
    [InlineData("1.0.31.172.in-addr.arpa. PTR")]
    [InlineData("1.1.168.192.in-addr.arpa. PTR")]
    [InlineData("2.0.0.127.in-addr.arpa. PTR")]
    [InlineData("1.1.254.169.in-addr.arpa. PTR")]
    [InlineData("1.1.1.0.in-addr.arpa. PTR")]
    [InlineData("1.1.64.100.in-addr.arpa. PTR")]
    [InlineData("1.1.127.100.in-addr.arpa. PTR")]
    [InlineData("1.d.f.ip6.arpa. PTR")]
    [InlineData("1.0.8.e.f.ip6.arpa. PTR")]
    [InlineData("1.0.b.e.f.ip6.arpa. PTR")]
    [InlineData("1.8.b.d.0.1.0.0.2.ip6.arpa. PTR")]
    public void Invoke_NameThatStaysAtHome_IsNXDomainWithSoa(string question)
    {
        var reply = Ask(s_step, question);

        Assert.Equal(ResponseCode.NXDomain, reply.Code);
        Assert.Single(reply.Authorities);
        Assert.Contains(" 10800 SOA ", reply.Authorities[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_dns.resolver.arpa. SVCB")]        // RFC 9462 section 4
    [InlineData("resolver.arpa. A")]
    [InlineData("localhost. MX")]
    [InlineData("home.arpa. A")]
    [InlineData("255.255.255.255.in-addr.arpa. PTR")]
    [InlineData("0.0.127.in-addr.arpa. PTR")]
    public void Invoke_NameWithoutTheType_IsNoDataWithSoa(string question)
    {
        var reply = Ask(s_step, question);

        Assert.Equal(ResponseCode.NoError, reply.Code);
        Assert.Empty(reply.Answers);
        Assert.Single(reply.Authorities);
    }

    [Theory]
    [InlineData("www.example. A")]                  // RFC 6761 section 6.5: nothing special for a caching server
    [InlineData("example.com. A")]
    [InlineData("1.0.15.172.in-addr.arpa. PTR")]
    [InlineData("1.0.32.172.in-addr.arpa. PTR")]
    [InlineData("1.1.63.100.in-addr.arpa. PTR")]
    [InlineData("1.1.128.100.in-addr.arpa. PTR")]
    [InlineData("1.c.e.f.ip6.arpa. PTR")]
    [InlineData("arpa. NS")]
    [InlineData("notlocalhost. A")]
    [InlineData("home.arpa. DS")]                   // RFC 8375 section 4: the delegation's own matter
    [InlineData("10.in-addr.arpa. DS")]
    public void Invoke_OrdinaryName_Continues(string question) => Assert.Equal(StepResult.Continue, Ask(s_step, question).Result);

    [Theory]
    [InlineData("test. DS")]
    [InlineData("localhost. DS")]
    public void Invoke_DsOfANameThatNobodyDelegates_StaysAtHome(string question) =>
        Assert.Equal(StepResult.Answered, Ask(s_step, question).Result);

    [Fact]
    public void Invoke_RuleNamedTheDomain_Continues() =>
        Assert.Equal(StepResult.Continue, Ask(s_step, "1.1.168.192.in-addr.arpa. PTR", skip: true).Result);

    [Fact]
    public void Invoke_AnyName_AllocatesNothing()
    {
        var message = Query("x.1.168.192.in-addr.arpa.", RecordType.PTR, edns: 1232);
        byte[] lowered = new byte[255], response = new byte[1232];
        InvokeMany(message, lowered, response, 1_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        InvokeMany(message, lowered, response, 100_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void InvokeMany(byte[] message, byte[] lowered, byte[] response, int count)
    {
        var facts = Udp;
        for (var i = 0; i < count; i++)
        {
            var context = new QueryContext(message, ref facts, lowered, response, 0);
            s_step.Invoke(ref context);
        }
    }
}
