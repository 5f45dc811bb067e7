using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Server;
using DnsFlow.Settings;
using DnsFlow.Tests.Settings;

namespace DnsFlow.Tests.Policy;

public sealed class ConditionTests
{
    [Theory]
    [InlineData("""{ "Domains": ["/^ad[0-9]+\\./"] }""", "ad17.example", true)]
    [InlineData("""{ "Domains": ["/^ad[0-9]+\\./"] }""", "AD17.example", true)]
    [InlineData("""{ "Domains": ["/^ad[0-9]+\\./"] }""", "bad17.example", false)]
    [InlineData("""{ "Domains": ["/^ad[0-9]+\\./", "x.example"] }""", "www.x.example", true)]
    [InlineData("""{ "NotDomains": ["/^ad/"] }""", "ad.example", false)]
    [InlineData("""{ "NotDomains": ["/^ad/"] }""", "x.example", true)]
    [InlineData("""{ "Domains": ["/^$/"] }""", ".", true)]
    [InlineData("""{ "Any": [{ "Domains": ["a.example"] }, { "Types": ["TXT"], "Domains": ["b.example"] }] }""", "a.example", true)]
    [InlineData("""{ "Any": [{ "Domains": ["a.example"] }, { "Types": ["TXT"], "Domains": ["b.example"] }] }""", "b.example", false)]
    [InlineData("""{ "Domains": ["example"], "Not": { "Domains": ["a.example"], "Types": ["A"] } }""", "a.example", false)]
    [InlineData("""{ "Domains": ["example"], "Not": { "Domains": ["a.example"], "Types": ["TXT"] } }""", "a.example", true)]
    [InlineData("""{ "Not": { "Any": [{ "Domains": ["a.example"] }, { "Not": { "Domains": ["example"] } }] } }""", "b.example", true)]
    [InlineData("""{ "Not": { "Any": [{ "Domains": ["a.example"] }, { "Not": { "Domains": ["example"] } }] } }""", "b.org", false)]
    [InlineData("""{ "Class": ["CH"] }""", "example", false)]
    [InlineData("""{ "Class": "IN", "NotTypes": ["AAAA"] }""", "example", true)]
    [InlineData("""{ "Clients": ["children"] }""", "example", true)]
    [InlineData("""{ "NotClients": ["children"] }""", "example", false)]
    [InlineData("""{ "Clients": ["192.168.1.0-192.168.1.39"] }""", "example", false)]
    [InlineData("""{ "Schedules": ["night"] }""", "example", true)]
    [InlineData("""{ "NotSchedules": ["night"] }""", "example", false)]
    public void When_Conditions_HoldTogether(string when, string name, bool matches)
    {
        var rules = Compile($$"""[{ "Name": "it", "When": {{when}}, "Action": "drop" }, { "Action": "forward", "To": "default" }]""", out var errors);
        Assert.Empty(errors);
        var flow = new AskedQuestion(name) { Client = "192.168.1.40" }.Flow();
        var wire = DomainName.Parse(name.ToLowerInvariant()).Wire;
        Assert.Equal(matches ? 0 : 1, rules!.Decide(new QueryFacts(wire, RecordType.A, ref flow, schedules: 1)).Index);
    }

    [Theory]
    [InlineData("""{ "Domains": ["/a(/"] }""", "Domains", null)]
    [InlineData("""{ "Domains": ["/[/"] }""", "Domains", null)]
    [InlineData("""{ "Domains": ["/(?=a)/"] }""", "Domains", null)]
    [InlineData("""{ "Domains": ["/(a{100}){100}/"] }""", "Domains", "its repetitions multiply to more than 4096")]
    [InlineData("""{ "Domains": ["/abc"] }""", "Domains", "a regular expression ends with '/'")]
    [InlineData("""{ "Schedules": ["nite"] }""", "Schedules", "'nite' is not a schedule; did you mean 'night'?")]
    [InlineData("""{ "Clients": ["childern"] }""", "Clients", "'childern' is not a set of clients; did you mean 'children'?")]
    [InlineData("""{ "Any": [{ "Types": ["A"] }, { "Clients": ["x"] }] }""", "Any:1:Clients", "'x' is not a set of clients; allowed: children")]
    [InlineData("""{ "Any": [{ "Types": ["A"] }, {}] }""", "Any:1", "matches everything, so that all others are for nothing")]
    [InlineData("""{ "Domains": ["a.example"], "NotDomains": ["example"] }""", "NotDomains", "excludes everything that Domains allows: the rule can never match")]
    [InlineData("""{ "From": ["10.1.0.0/16"], "NotFrom": ["10.0.0.0/8"] }""", "NotFrom", "excludes everything that From allows: the rule can never match")]
    [InlineData("""{ "Tags": ["kid"] }""", "Tags", "no rule gives the tag 'kid'; did you mean 'kids'?")]
    public void When_Wrong_IsReportedAtItsPath(string when, string key, string? message)
    {
        Compile($$"""[{ "When": { "Types": ["HINFO"] }, "Action": "tag", "Tag": "kids" }, { "When": {{when}}, "Action": "drop" }, { "Action": "forward", "To": "default" }]""", out var errors);
        var error = Assert.Single(errors);
        Assert.StartsWith($"DnsFlow:QueryRules:1:When:{key}", error.Path);
        Assert.Contains(message ?? "", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Domains": ["example"] }""", """{ "Domains": ["www.example"] }""", true)]
    [InlineData("""{ "Domains": ["example"] }""", """{ "Domains": ["www.example", "org"] }""", false)]
    [InlineData("""{ "Domains": ["*.example"] }""", """{ "Domains": ["example"] }""", false)]
    [InlineData("""{ "Domains": ["*.example"] }""", """{ "Domains": ["*.example"], "Types": ["A"] }""", true)]
    [InlineData("""{ "Domains": ["=example"] }""", """{ "Domains": ["=example"] }""", true)]
    [InlineData("""{ "Domains": ["example"], "Types": ["A", "AAAA"] }""", """{ "Domains": ["example"], "Types": ["A"] }""", true)]
    [InlineData("""{ "Domains": ["example"], "Types": ["A"] }""", """{ "Domains": ["example"] }""", false)]
    [InlineData("""{ "From": ["10.0.0.0/8"] }""", """{ "Clients": ["10.1.0.0/16"], "Types": ["A"] }""", true)]
    [InlineData("""{ "NotFrom": ["10.1.0.0/16"] }""", """{ "NotFrom": ["10.0.0.0/8"] }""", true)]
    [InlineData("""{ "NotFrom": ["10.0.0.0/8"] }""", """{ "NotFrom": ["10.1.0.0/16"] }""", false)]
    [InlineData("""{ "Transport": ["udp", "tcp"] }""", """{ "Transport": "tcp" }""", true)]
    [InlineData("""{ "Any": [{ "Types": ["A"] }, { "Types": ["TXT"] }] }""", """{ "Any": [{ "Types": ["TXT"], "Class": "IN" }] }""", true)]
    [InlineData("""{ "Not": { "Types": ["A"] } }""", """{ "Not": { "Types": ["A", "AAAA"] } }""", true)]
    [InlineData("""{ "Not": { "Types": ["A", "AAAA"] } }""", """{ "Not": { "Types": ["A"] } }""", false)]
    public void Compile_EarlierRuleCoversLaterOne_LaterOneIsAnError(string earlier, string later, bool isHidden)
    {
        var rules = $$"""[{ "Name": "first", "When": {{earlier}}, "Action": "drop" }, { "When": {{later}}, "Action": "refuse" }, { "Action": "forward", "To": "default" }]""";
        Compile(rules, out var errors);
        Assert.Equal(isHidden ? ["is never reached: rule 'first' before it matches everything that it matches"] : [], errors.Where(static error => error.Path == "DnsFlow:QueryRules:1").Select(static error => error.Message));
        Assert.Equal(isHidden ? 1 : 0, errors.Count);
        Compile(rules.Replace("\"first\"", "\"first\", \"Overrides\": true", StringComparison.Ordinal), out errors);
        Assert.Empty(errors);
    }

    [Fact]
    public void Compile_TagThatMatchesEverything_HidesNothing_AndDoesNotEndTheList()
    {
        Compile("""[{ "Action": "tag", "Tag": "x" }, { "When": { "Types": ["A"] }, "Action": "drop" }, { "Action": "forward", "To": "default" }]""", out var errors);
        Assert.Empty(errors);
        Compile("""[{ "Action": "tag", "Tag": "x" }]""", out errors);
        Assert.StartsWith("the last rule must match everything and decide", Assert.Single(errors).Message);
    }

    [Fact]
    public void Decide_Tags_AreSeenByLaterRules_AndTheTraceNamesTheirRule()
    {
        var rules = TestRules.Query("""
            [
              { "Name": "mark", "When": { "Domains": ["games.example"] }, "Action": "tag", "Tag": "games" },
              { "Name": "no-games", "When": { "Tags": ["games"], "From": ["10.0.0.0/8"] }, "Action": "refuse" },
              { "Name": "rest", "Action": "forward", "To": "default" }
            ]
            """);
        var trace = new RuleTrace();
        var flow = new AskedQuestion(".") { Client = "10.0.0.1" }.Flow();
        Assert.Equal("no-games", rules.Decide(new QueryFacts(DomainName.Parse("a.games.example").Wire, RecordType.A, ref flow), trace).Name);
        Assert.Equal([0], trace.Passed);
        Assert.Equal("rest", rules.Decide(new QueryFacts(DomainName.Parse("a.example").Wire, RecordType.A, ref flow)).Name);
    }

    [Fact]
    public void Read_TooDeep_IsAnError()
    {
        var options = new ProxyOptions();
        var errors = SettingsText.Read(
            ProxySettings.Shape, options,
            """{ "DnsFlow": { "QueryRules": [{ "When": { "Not": { "Not": { "Not": { "Not": { "Types": "A" } } } } } }] } }""");
        Assert.Contains("unknown key", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_ThousandRulesOfEveryKind_AllocatesNothing()
    {
        var options = Enumerable.Range(0, 1000).Select(static i => new QueryRuleOptions
        {
            Action = "drop",
            When = (i % 4) switch
            {
                0 => new RuleConditionOptions { Domains = [DomainPattern.Parse($"n{i}.example")], Types = [RecordType.A] },
                1 => new RuleConditionOptions { Clients = [ClientReference.To(AddressRange.Of(System.Net.IPNetwork.Parse($"10.{i / 256}.{i % 256}.0/24")))] },
                2 => new RuleConditionOptions { Types = [(RecordType)(1000 + i)] },
                _ => new RuleConditionOptions { Transport = [FlowTransport.Tcp], Domains = [DomainPattern.Parse($"t{i}.example")] },
            },
        }).Append(new QueryRuleOptions { Action = "drop", When = new RuleConditionOptions { Domains = [DomainPattern.Parse("/^never[0-9]+$/")] } })
            .Append(QueryRuleOptions.ForwardAll("default")).ToList();
        var errors = new SettingsErrors();
        var rules = PolicyCompiler.CompileQueryRules(options, TestRules.Inputs(new BlockingOptions(), QueryActionCatalog.BuiltIn), errors);
        Assert.Empty(errors);
        var flow = new AskedQuestion(".") { Client = "192.0.2.1" }.Flow();
        var name = DomainName.Parse("www.example.org").Wire.ToArray();
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(1001, rules!.Decide(new QueryFacts(name, RecordType.A, ref flow)).Index);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++)
        {
            rules!.Decide(new QueryFacts(name, RecordType.A, ref flow));
        }

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 100_000);
    }

    private static RuleSet? Compile(string rules, out SettingsErrors errors)
    {
        var options = new ProxyOptions();
        errors = SettingsText.Read(ProxySettings.Shape, options, $$"""{ "DnsFlow": { "QueryRules": {{rules}} } }""");
        var children = new ClientSetOptions { Addresses = [AddressRange.TryParse("192.168.1.40-192.168.1.49", out var range, out _) ? range : default] };
        return errors.Any ? null : PolicyCompiler.CompileQueryRules(
            options.QueryRules,
            new PolicyInputs
            {
                Listeners = ["local", "lan"],
                Groups = TestRules.Groups,
                Clients = new Dictionary<string, ClientSetOptions>(StringComparer.OrdinalIgnoreCase) { ["children"] = children },
                Schedules = TestRules.Schedules(("night", "21:00", "06:00")),
            },
            errors);
    }
}
