using DnsFlow.Clients;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Settings;
using DnsFlow.Telemetry;
using DnsFlow.Tests.Lists;

namespace DnsFlow.Tests.Policy;

public sealed class ListRuleTests
{
    private const string Rules = """
        [
          { "Name": "free", "When": { "From": "192.0.2.0/24" }, "Action": "forward", "To": "default" },
          { "Name": "ads", "When": { "Lists": "ads", "Types": ["A", "AAAA"] }, "Action": "block" },
          { "Name": "rest", "Action": "forward", "To": "default" }
        ]
        """;

    private static readonly ListSet s_lists = TestLists.Set(TestLists.Read("0.0.0.0 ads.example\n192.0.2.7 here.example\n"));

    [Theory]
    [InlineData("ads.example", RecordType.A, "127.0.0.1", "ads")]
    [InlineData("ads.example", RecordType.TXT, "127.0.0.1", "rest")]
    [InlineData("ads.example", RecordType.A, "192.0.2.1", "free")]
    [InlineData("www.ads.example", RecordType.A, "127.0.0.1", "rest")]
    public void Decide_ListCondition_MatchesItsNames(string name, RecordType type, string client, string rule)
    {
        var rules = TestRules.Query(Rules, s_lists);
        var asked = Asked.Ask(rules, new AskedQuestion(name, type) { Client = client });
        Assert.Equal(rule, rules.Rules[asked.Decision.Rule].Name);
    }

    [Fact]
    public void Decide_Match_SaysWhichLine()
    {
        var flow = new AskedQuestion("ads.example").Flow();
        TestRules.Query(Rules, s_lists).Decide(new QueryFacts(DomainName.Parse("ads.example").Wire, RecordType.A, ref flow), out var match);
        Assert.Equal(new ListEntryReport("ads", "ads.txt", 1, "=ads.example"), match.Describe());
    }

    [Fact]
    public void Decide_NotLists_ExcludesAndTraces()
    {
        var rules = TestRules.Query("""[{ "Name": "clean", "When": { "NotLists": "ads" }, "Action": "forward", "To": "corp" }, { "Name": "rest", "Action": "refuse" }]""", s_lists);
        Assert.Equal(1, Asked.Ask(rules, new AskedQuestion("www.example")).Target.Group);
        var flow = new AskedQuestion("ads.example").Flow();
        var trace = new RuleTrace();
        Assert.Equal("rest", rules.Decide(new QueryFacts(DomainName.Parse("ads.example").Wire, RecordType.A, ref flow), trace).Name);
        Assert.Equal([new RuleMiss(0, "NotLists")], trace.Misses);
    }

    [Fact]
    public void Block_EntryWithAddress_AnswersIt()
    {
        var rules = TestRules.Query(Rules, s_lists);
        var asked = Asked.Ask(rules, new AskedQuestion("here.example") { Edns = 1232 });
        Assert.Equal((StepResult.Answered, QueryOutcome.Blocked, ResponseCode.NoError), (asked.Result, asked.Outcome, asked.Code));
        var record = asked.Records()[0];
        Assert.Equal(("here.example.", RecordType.A, 60u, "C0000207"), (record.Owner, record.Type, record.Ttl, Convert.ToHexString(record.Data)));
        Assert.Equal(RecordType.SOA, Asked.Ask(rules, new AskedQuestion("here.example", RecordType.AAAA)).Records()[0].Type);
    }

    [Theory]
    [InlineData("""{ "Not": { "Lists": "ads", "Types": ["TXT"] } }""")]
    [InlineData("""{ "Any": [{ "Lists": "ads", "Types": ["TXT"] }, { "Domains": ["here.example"] }] }""")]
    public void Block_ListThatHasNoPartInTheMatch_DoesNotAnswerItsAddress(string when)
    {
        var rules = TestRules.Query($$"""[{ "When": {{when}}, "Action": "block" }, { "Action": "refuse" }]""", s_lists);
        Assert.Equal((StepResult.Answered, ResponseCode.NXDomain), (Asked.Ask(rules, new AskedQuestion("here.example")).Result, Asked.Ask(rules, new AskedQuestion("here.example")).Code));
    }

    [Fact]
    public void Block_ListInsideOfAny_AnswersItsAddress()
    {
        var rules = TestRules.Query("""[{ "When": { "Any": [{ "Types": ["TXT"] }, { "Lists": "ads" }] }, "Action": "block" }, { "Action": "refuse" }]""", s_lists);
        Assert.Equal("C0000207", Convert.ToHexString(Asked.Ask(rules, new AskedQuestion("here.example")).Records()[0].Data));
    }

    [Fact]
    public void Compile_UnknownList_IsAnErrorWithTheNearestName()
    {
        var errors = new SettingsErrors();
        TestRules.Query("""[{ "When": { "Lists": ["ads", "add"] }, "Action": "block" }, { "Action": "refuse" }]""", s_lists, errors);
        Assert.Equal(["DnsFlow:QueryRules:0:When:Lists:1: 'add' is not a list; did you mean 'ads'?"], errors.Lines.Select(line => line.Replace("  ", ": ")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ads")]
    [InlineData("free")]
    public void Decide_List_AllocatesNothing(string? paused)
    {
        var rules = TestRules.Query(Rules, s_lists);
        PauseEntry[] pauses = paused is null ? [] : [new PauseEntry(paused, new ClientReference(null, null, "us"), default, DateTimeOffset.MaxValue, long.MaxValue) { Clients = new ClientSet([AddressRange.Of(System.Net.IPNetwork.Parse("127.0.0.1/32"))], []) }];
        rules.Paused = PausedSet.Of(pauses, [.. rules.Rules.Select(static rule => rule.Name)], s_lists.Names);
        var flow = new AskedQuestion("ads.example").Flow();
        var name = DomainName.Parse("www.deep.ads.example").Wire.ToArray();
        rules.Decide(new QueryFacts(name, RecordType.A, ref flow) { Pauses = new(rules.Paused, 0, null) });
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            rules.Decide(new QueryFacts(name, RecordType.A, ref flow) { Pauses = new(rules.Paused, 0, null) });
        }

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 10_000);
    }
}
