using DnsFlow.Flows;
using DnsFlow.Policy;
using DnsFlow.Queries;

namespace DnsFlow.Tests.Policy;

public sealed class FlowRuleSetTests
{
    private const string Rules = """
        [
          { "Name": "strangers", "When": { "Listener": "lan", "NotFrom": ["192.168.0.0/16", "fd00::/8"] }, "Verdict": "discard" },
          { "Name": "guests", "When": { "Clients": "192.168.7.0/24", "NotClients": ["192.168.7.1"] }, "Verdict": "Pass" },
          { "Name": "streams", "When": { "Transport": "tcp", "From": ["::1", "10.0.0.0/8"] }, "Verdict": "pass" },
          { "Name": "all", "Verdict": "claim" }
        ]
        """;

    [Theory]
    [InlineData("203.0.113.1", 1, FlowTransport.Udp, FlowVerdict.Discard, 0)]
    [InlineData("203.0.113.1", 0, FlowTransport.Udp, FlowVerdict.Claim, 3)]
    [InlineData("192.168.1.1", 1, FlowTransport.Udp, FlowVerdict.Claim, 3)]
    [InlineData("fd00::1", 1, FlowTransport.Udp, FlowVerdict.Claim, 3)]
    [InlineData("192.168.7.2", 1, FlowTransport.Udp, FlowVerdict.Pass, 1)]
    [InlineData("192.168.7.1", 1, FlowTransport.Udp, FlowVerdict.Claim, 3)]
    [InlineData("::1", 0, FlowTransport.Tcp, FlowVerdict.Pass, 2)]
    [InlineData("::1", 0, FlowTransport.Udp, FlowVerdict.Claim, 3)]
    [InlineData("10.9.9.9", 0, FlowTransport.Tcp, FlowVerdict.Pass, 2)]
    [InlineData("203.0.113.1", 7, FlowTransport.Udp, FlowVerdict.Claim, 3)]
    public void Decide_FirstRuleThatMatches_GivesTheVerdict(string client, int listener, FlowTransport transport, FlowVerdict verdict, int rule)
    {
        var facts = new AskedQuestion(".") { Client = client, Listener = listener, Transport = transport }.Flow();
        Assert.Equal(new FlowDecision(verdict, rule), TestRules.Flow(Rules).Decide(facts));
    }

    [Fact]
    public void Decide_NoRules_Claims()
    {
        var facts = new AskedQuestion(".").Flow();
        Assert.Equal(FlowVerdict.Claim, TestRules.Flow("[]").Decide(facts).Verdict);
        Assert.Equal(FlowVerdict.Claim, FlowRuleSet.ClaimAll.Decide(facts).Verdict);
    }

    [Fact]
    public void Decide_WithTrace_SaysWhyRulesMissed()
    {
        var trace = new RuleTrace();
        var decision = TestRules.Flow(Rules).Decide(new AskedQuestion(".") { Client = "192.168.7.1", Listener = 1 }.Flow(), trace: trace);
        Assert.Equal(3, decision.Rule);
        Assert.Equal([new RuleMiss(0, "NotFrom"), new(1, "NotClients"), new(2, "Transport")], trace.Misses);
    }

    [Fact]
    public void Apply_CountsTheRule_AndAllocatesNothing()
    {
        var rules = TestRules.Flow(Rules);
        var facts = new AskedQuestion(".") { Client = "203.0.113.1", Listener = 1 }.Flow();
        rules.Apply(facts);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            rules.Apply(facts);
        }

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 10_000);
        Assert.Equal([10_001L, 0, 0, 0], rules.Rules.Select(static rule => rule.Counter.Count));
    }
}
