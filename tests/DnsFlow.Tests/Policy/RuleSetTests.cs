using DnsFlow.Flows;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Tests.Policy;

public sealed class RuleSetTests
{
    private const string Rules = """
        [
          { "Name": "company", "When": { "Domains": ["corp.example", "20.10.in-addr.arpa"], "NotDomains": "=public.corp.example" }, "Action": "forward", "To": "corp" },
          { "Name": "portal", "When": { "Domains": ["=captive.example"] }, "Action": "forward", "To": "system", "Cache": false },
          { "Name": "kids", "When": { "From": ["192.168.1.0/24"], "Types": ["AAAA", "HTTPS", "TYPE64"] }, "Action": "nodata" },
          { "Name": "lan-streams", "When": { "Listener": ["lan"], "Transport": "tcp", "Domains": ["*.example"] }, "Action": "refuse" },
          { "Name": "root", "When": { "Domains": ".", "Types": "ANY" }, "Action": "drop" },
          { "Name": "rest", "Action": "forward", "To": "default" }
        ]
        """;

    private static readonly RuleSet s_rules = TestRules.Query(Rules);

    [Theory]
    [InlineData("www.corp.example", RecordType.A, "company")]
    [InlineData("CORP.example", RecordType.AAAA, "company")]
    [InlineData("public.corp.example", RecordType.A, "rest")]
    [InlineData("x.public.corp.example", RecordType.A, "company")]
    [InlineData("7.20.10.in-addr.arpa", RecordType.PTR, "company")]
    [InlineData("captive.example", RecordType.A, "portal")]
    [InlineData("www.captive.example", RecordType.A, "rest")]
    [InlineData("org", RecordType.ANY, "root")]
    [InlineData(".", RecordType.NS, "rest")]
    public void Decide_Name_PicksTheFirstRule(string name, RecordType type, string rule) =>
        Assert.Equal(rule, Decide(new AskedQuestion(name, type)).Name);

    [Theory]
    [InlineData("192.168.1.40", RecordType.AAAA, "kids")]
    [InlineData("192.168.1.40", RecordType.HTTPS, "kids")]
    [InlineData("192.168.1.40", RecordType.SVCB, "kids")]
    [InlineData("192.168.1.40", RecordType.A, "rest")]
    [InlineData("192.168.2.40", RecordType.AAAA, "rest")]
    public void Decide_ClientAndType_BothMustMatch(string client, RecordType type, string rule) =>
        Assert.Equal(rule, Decide(new AskedQuestion("example.org", type) { Client = client }).Name);

    [Theory]
    [InlineData(1, FlowTransport.Tcp, "www.example", "lan-streams")]
    [InlineData(1, FlowTransport.Tcp, "example", "rest")]
    [InlineData(0, FlowTransport.Tcp, "www.example", "rest")]
    [InlineData(1, FlowTransport.Udp, "www.example", "rest")]
    public void Decide_ListenerTransportAndName_AllMustMatch(int listener, FlowTransport transport, string name, string rule) =>
        Assert.Equal(rule, Decide(new AskedQuestion(name) { Listener = listener, Transport = transport }).Name);

    [Fact]
    public void Decide_WithTrace_SaysWhyEachRuleMissed()
    {
        var trace = new RuleTrace();
        var rule = Decide(new AskedQuestion("public.corp.example") { Client = "192.168.1.40", Listener = 1 }, trace);
        Assert.Equal("rest", rule.Name);
        Assert.Equal(
            [new(0, "NotDomains"), new(1, "Domains"), new(2, "Types"), new(3, "Transport"), new(4, "Types")], trace.Misses);
    }

    [Fact]
    public void Invoke_CountsTheRule_AndRecordsTheDecision()
    {
        var rules = TestRules.Query(Rules);
        var asked = Asked.Ask(rules, new AskedQuestion("captive.example"));
        Assert.Equal(("policy", 1), (asked.Decision.Step, asked.Decision.Rule));
        Assert.Equal([0L, 1, 0, 0, 0, 0], rules.Rules.Select(static rule => rule.Counter.Count));
    }

    [Fact]
    public void Counters_RuleKeepsItsNameInANewPlan_KeepsItsCount()
    {
        var counters = new RuleCounters();
        counters.Get("ads").Increment();
        counters.Get("gone").Increment();
        counters.Keep(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "ads" });
        Assert.Equal(1, counters.Get("ADS").Count);
        Assert.Equal(0, counters.Get("gone").Count);
    }

    private static QueryRule Decide(AskedQuestion question, RuleTrace? trace = null)
    {
        var flow = question.Flow();
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        var wire = DomainName.Parse(question.Name).Wire;
        WireName.ToLower(wire, name);
        return s_rules.Decide(new QueryFacts(name[..wire.Length], question.Type, ref flow), trace);
    }
}
