using System.Text;
using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Providers;
using DnsFlow.Queries;
using DnsFlow.Server;
using DnsFlow.Server.Explaining;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Service.Commands;
using DnsFlow.Settings;
using DnsFlow.TestKit;
using DnsFlow.Tests.Policy;
using DnsFlow.Upstreams;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Server.Explaining;

/// <summary>What is explained is what happens.</summary>
public sealed class ExplainTests
{
    private const string Configuration = """
        {
          "DnsFlow": {
            "Listeners": { "lan": { "Endpoints": ["127.0.0.1:5353"] } },
            "Upstreams": { "default": { "Servers": ["192.0.2.53", "192.0.2.54"] }, "corp": { "Servers": ["10.20.0.53"] } },
            "Clients": { "children": { "Addresses": ["192.168.1.40-192.168.1.49"] } },
            "Schedules": { "night": { "Days": "mon-fri", "From": "21:00", "To": "06:30", "TimeZone": "UTC" } },
            "FlowRules": [{ "Name": "strangers", "When": { "NotFrom": ["192.168.0.0/16"] }, "Verdict": "discard" }, { "Name": "all", "Verdict": "claim" }],
            "QueryRules": [
              { "Name": "mark", "When": { "Domains": ["tracker.example"] }, "Action": "tag", "Tag": "trackers" },
              { "Name": "company", "When": { "Domains": ["corp.example"] }, "Action": "forward", "To": "corp" },
              { "Name": "bedtime", "When": { "Clients": ["children"], "Schedules": ["night"] }, "Action": "refuse" },
              { "Name": "ads", "When": { "Tags": ["trackers"] }, "Action": "block" },
              { "Name": "search", "When": { "Domains": ["=search.example"] }, "Action": "rewrite", "Target": "safe.search.example" },
              { "Name": "rest", "Action": "forward", "To": "default" }
            ]
          }
        }
        """;

    [Fact]
    public void Explain_BlockedName_NamesEveryRule()
    {
        var explanation = Explain(new ExplainQuestion { Name = DomainName.Parse("ads.tracker.example"), Client = System.Net.IPAddress.Parse("192.168.1.44"), At = At("2026-01-01T20:15Z") });
        Assert.Equal(
            """
            flow   192.168.1.44 -> lan/udp  rule 'all'  claim         ('strangers': NotFrom false)
            query  ads.tracker.example. A   rule 'ads'  block
            passed mark
            tried  company Domains no | bedtime Schedules no (20:15)
            answer NXDOMAIN ttl 60 ede 17 (Filtered)   by policy   cache not consulted   counted as blocked
            source a test

            """.ReplaceLineEndings("\n"),
            ExplainText.Format(explanation, "a test").ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("www.corp.example", "2026-01-01T20:15Z", "company", "forwarded", "corp")]
    [InlineData("www.example", "2026-01-01T21:15Z", "bedtime", "answered", null)]
    [InlineData("www.example", "2026-01-01T20:15Z", "rest", "forwarded", "default")]
    [InlineData("search.example", "2026-01-01T20:15Z", "rest", "detour", "default")]
    [InlineData("localhost", "2026-01-01T20:15Z", "rest", "answered", "default")]
    public void Explain_Question_SaysRuleResultAndGroup(string name, string at, string rule, string result, string? group)
    {
        var explanation = Explain(new ExplainQuestion { Name = DomainName.Parse(name), Client = System.Net.IPAddress.Parse("192.168.1.44"), At = At(at) });
        Assert.Equal((rule, result, group), (explanation.Query!.Rule, explanation.Result, explanation.Group));
        Assert.Equal(name == "search.example" ? "rewritten to safe.search.example." : null, explanation.Detour);
        Assert.Equal(group is null ? 0 : group == "corp" ? 1 : 2, explanation.Servers.Count);
    }

    [Fact]
    public void Explain_FlowIsNotClaimed_AsksNoQueryRule()
    {
        var explanation = Explain(new ExplainQuestion { Name = DomainName.Parse("www.example") });
        Assert.Equal(("strangers", "discard", "discarded"), (explanation.Flow.Rule, explanation.Flow.Action, explanation.Result));
        Assert.Null(explanation.Query);
    }

    [Theory]
    [InlineData(-1, false, "absent", null, null, "cache absent")]
    [InlineData(0, false, "fresh", 60L, 86_460, "cache fresh for 60 s")]
    [InlineData(59.5, false, "fresh", 1L, 86_401, "cache fresh for 1 s")]
    [InlineData(61, false, "stale", null, 86_399, "cache stale")]
    [InlineData(61, true, "stale", null, 86_399, "cache stale")]
    [InlineData(-1, true, "failed", null, null, "cache failed")]
    [InlineData(86_500, false, "absent", null, null, "cache absent")]
    public void Explain_RunningProxy_SaysWhatTheCacheHolds(double age, bool hasFailed, string state, long? left, int? given, string text)
    {
        using var cache = new Caching.CacheHarness(new CacheOptions { MaxBytes = 1 << 20 });
        var options = new ProxyOptions { QueryRules = [QueryRuleOptions.ForwardAll("default")] };
        options.Listeners["lan"] = new ListenerOptions();
        options.Upstreams["default"] = new DnsFlow.Upstreams.UpstreamGroupOptions { Servers = ["192.0.2.53"] };
        var time = new ManualTimeProvider();
        using var plan = Plan(options, time, cache.Cache)!;
        var question = new Caching.Question("www.example", Partition: plan.Forwarding.Groups[0].Partition);
        if (age >= 0)
        {
            cache.Store(question, 7, ttl: 60);
            cache.Elapse(age);
        }

        if (hasFailed)
        {
            cache.Fail(question);
        }

        var explanation = new Explainer(plan, ["lan"], time, cache.Cache).Explain(new ExplainQuestion { Name = DomainName.Parse("www.example") }, cache.Now);
        Assert.Equal((state, left), (explanation.Cache, explanation.CacheSeconds));
        Assert.Equal(given, explanation.StaleUntil is { } until ? (int?)Math.Ceiling((until - time.GetUtcNow()).TotalSeconds) : null);
        Assert.Contains($"{text}{(given is null ? "" : ", may be given until 20")}", ExplainText.Format(explanation, "a test"), StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_WithoutARunningProxy_DoesNotKnowTheCache()
    {
        var client = System.Net.IPAddress.Parse("192.168.1.44");
        Assert.Equal("not known", Explain(new ExplainQuestion { Name = DomainName.Parse("www.corp.example"), Client = client }).Cache);
        Assert.Equal("not consulted", Explain(new ExplainQuestion { Name = DomainName.Parse("ads.tracker.example"), Client = client }).Cache);
    }

    [Fact]
    public void Explain_CountsNothing_AndTakesNothingFromLimits()
    {
        using var policy = Build(Configuration.Replace(
            "{ \"Name\": \"mark\"", "{ \"Name\": \"limit\", \"Action\": \"rate-limit\", \"Rate\": \"1/m\", \"Burst\": 1 }, { \"Name\": \"mark\"", StringComparison.Ordinal));
        for (var i = 0; i < 3; i++)
        {
            var explanation = policy.Explain(new ExplainQuestion { Name = DomainName.Parse("www.corp.example"), Client = System.Net.IPAddress.Parse("192.168.1.44") });
            Assert.Equal(("company", "forwarded"), (explanation.Query!.Rule, explanation.Result));
            Assert.Equal(["limit"], explanation.Query.Passed);
        }

        Assert.All(policy.QueryRules.Rules, static rule => Assert.Equal(0, rule.Counter.Count));
    }

    [Fact]
    public void Explain_RandomRulesAndQuestions_SaysWhatTheLivePathDoes()
    {
        var cases = from rules in Gen.ListOf(RuleSetPropertyTests.Rule, 8)
                    from questions in Gen.ListOf(RuleSetPropertyTests.Question, 8)
                    select (rules, questions);
        var compared = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Arb.From(cases), input =>
        {
            var options = new ProxyOptions { QueryRules = [RuleSetPropertyTests.Tag("t1"), RuleSetPropertyTests.Tag("t2"), .. input.rules, QueryRuleOptions.ForwardAll("default")] };
            options.Schedules["night"] = new DnsFlow.Clients.ScheduleOptions { From = TimeSpan.FromHours(21), To = TimeSpan.FromHours(6) };
            options.Schedules["noon"] = new DnsFlow.Clients.ScheduleOptions { From = TimeSpan.FromHours(12), To = TimeSpan.FromHours(13) };
            options.Listeners["lan"] = new ListenerOptions();
            options.Listeners["local"] = new ListenerOptions();
            options.Upstreams["default"] = new DnsFlow.Upstreams.UpstreamGroupOptions { Servers = ["192.0.2.53"] };
            var time = new ManualTimeProvider();
            using var cache = new ResponseCache(new CacheOptions { MaxBytes = 0 }, segments: 1);
            using var plan = Plan(options, time, cache);
            if (plan is null)
            {
                return true;
            }

            compared++;
            string[] listeners = ["lan", "local"];
            return input.questions.Where(static question => question.Listener < 2).All(question => IsAsExplained(plan, listeners, time, question));
        }));
        Assert.True(compared > 60, $"only {compared} sets were compared");
    }

    private static bool IsAsExplained(ProxyPlan plan, string[] listeners, ManualTimeProvider time, AskedQuestion question)
    {
        var clock = new MonotonicClock(time);
        var facts = question.Flow();
        var response = new byte[ushort.MaxValue];
        var context = new QueryContext((question with { Edns = 1232 }).Message(), in facts, stackalloc byte[WireName.MaxLength], response, clock.Now);
        var result = plan.Forwarding.Engine.Decide(ref context);
        var explanation = new Explainer(plan, listeners, time, cache: null).Explain(
            new ExplainQuestion
            {
                Name = DomainName.Parse(question.Name), Type = question.Type, Client = System.Net.IPAddress.Parse(question.Client), Listener = listeners[question.Listener], Transport = question.Transport,
            },
            clock.Now);
        var expected = result switch { StepResult.Answered => "answered", StepResult.Dropped => "dropped", _ => "forwarded" };
        return explanation.Result == expected
            && explanation.Query!.Rule == plan.QueryRules.Rules[context.Decision.Rule >= 0 ? context.Decision.Rule : plan.QueryRules.Rules.Length - 1].Name
            && (result != StepResult.Answered || explanation.Answer!.Code == context.ResponseCode.ToText());
    }

    private static ProxyPlan? Plan(ProxyOptions options, ManualTimeProvider time, ResponseCache cache)
    {
        using var lists = new ListStore(time, NullLogger.Instance);
        return new PlanBuilder(QueryActionCatalog.BuiltIn, lists).Build(
            options,
            new PlanInputs
            {
                Listeners = ["lan", "local"],
                BaseFolder = Path.Combine(AppContext.BaseDirectory, "no-such-folder"),
                IsOwnListener = static _ => false,
                Upstreams = new UpstreamRegistry(static _ => false),
                Cache = cache,
                Clock = new MonotonicClock(time),
                FlowHandler = rules => new ProviderFlowHandler(new ForwardingProxyProvider(), time, NullLogger.Instance, rules),
            },
            new SettingsErrors());
    }

    private static Explanation Explain(ExplainQuestion question)
    {
        using var policy = Build(Configuration);
        return policy.Explain(question);
    }

    private static ProxyPolicy Build(string configuration)
    {
        var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(configuration))).Build();
        var policy = ProxyPolicy.TryBuild(root.GetSection("DnsFlow"), Path.Combine(AppContext.BaseDirectory, "no-such-folder"), out var errors, root);
        Assert.Empty(errors);
        return policy!;
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
