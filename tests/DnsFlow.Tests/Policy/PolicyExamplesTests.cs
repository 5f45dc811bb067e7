using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Providers;
using DnsFlow.Queries;
using DnsFlow.Server;
using DnsFlow.Server.Explaining;
using DnsFlow.Server.Plans;
using DnsFlow.Settings;
using DnsFlow.Telemetry;
using DnsFlow.Tests.Repository;
using DnsFlow.Tests.Settings;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Policy;

/// <summary>docs/policy.md: each example is loaded, each question beside it is asked, and what it says comes of it.</summary>
public sealed partial class PolicyExamplesTests
{
    private static readonly string s_text = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "policy.md")).ReplaceLineEndings("\n");

    public static IEnumerable<object[]> Questions => Examples().SelectMany(
        static example => example.Groups["asks"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ask => new object[] { example.Groups["heading"].Value, example.Groups["json"].Value, ask }));

    [Theory]
    [MemberData(nameof(Questions))]
    public void Example_Question_HasTheAnswerBesideIt(string heading, string json, string ask)
    {
        Assert.NotEmpty(heading);
        using var cache = new ResponseCache(new CacheOptions { MaxBytes = 0 }, segments: 1);
        using var plan = Build(json, cache, out var listeners);
        var line = Line().Match(ask);
        Assert.True(line.Success, ask);
        var keys = Keys().Matches(line.Groups["keys"].Value).ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value);
        var question = new ExplainQuestion
        {
            Name = DomainName.Parse(line.Groups["name"].Value),
            Type = RecordTypes.TryParse(line.Groups["type"].Value, out var type) ? type : throw new FormatException(ask),
            Class = keys.GetValueOrDefault("class") == "CH" ? RecordClass.CH : RecordClass.IN,
            Client = IPAddress.Parse(keys.GetValueOrDefault("client", "127.0.0.1")),
            Listener = keys.GetValueOrDefault("listener"),
            Transport = keys.GetValueOrDefault("transport") == "tcp" ? FlowTransport.Tcp : FlowTransport.Udp,
            At = keys.TryGetValue("at", out var at) ? DateTimeOffset.Parse(at, CultureInfo.InvariantCulture) : null,
        };
        var found = line.Groups["answer"].Success
            ? Review(plan, question, line.Groups["answer"].Value)
            : Describe(new Explainer(plan, listeners, TimeProvider.System, cache: null).Explain(question, now: 0), line.Groups["expected"].Value.StartsWith("flow ", StringComparison.Ordinal));
        Assert.Equal(line.Groups["expected"].Value, Fit(found, line.Groups["expected"].Value));
    }

    [Fact]
    public void Page_NamesEveryConditionAndActionInAnExample()
    {
        var configurations = string.Concat(Examples().Select(static example => example.Groups["json"].Value));
        Assert.All(QueryActionCatalog.BuiltIn.Names, name => Assert.Contains($"\"Action\": \"{name}\"", configurations, StringComparison.Ordinal));
        var conditions = PolicySettings.AnswerRule.Keys.Single(static key => key.Name == "When").Shape!.Keys.Where(static key => key.Form != SettingsKeyForm.Later).Select(static key => key.Name)
            .Except(["NotTags", "Lists", "NotLists"]);      // docs/lists.md has examples with their lists
        Assert.All(conditions, name => Assert.Contains($"\"{name}\":", configurations, StringComparison.Ordinal));
    }

    private static MatchCollection Examples() => Example().Matches(s_text);

    private static ProxyPlan Build(string json, ResponseCache cache, out IReadOnlyList<string> listeners)
    {
        var errors = new SettingsErrors();
        var root = SettingsText.Layers($$"""{ "DnsFlow": { {{json}} } }""");
        ProxyOptions.TryRead(root.GetSection("DnsFlow"), out var options, errors, root);
        Assert.Empty(errors);
        string[] names = [.. options.Listeners.Keys];
        listeners = names;
        using var lists = new ListStore(TimeProvider.System, NullLogger.Instance);
        var plan = new PlanBuilder(QueryActionCatalog.BuiltIn, lists).Build(
            options,
            new PlanInputs
            {
                Listeners = names,
                BaseFolder = Path.Combine(AppContext.BaseDirectory, "no-such-folder"),
                IsOwnListener = static _ => false,
                Upstreams = new UpstreamRegistry(static _ => false),
                Cache = cache,
                Clock = new MonotonicClock(TimeProvider.System),
                FlowHandler = static rules => new ProviderFlowHandler(new ForwardingProxyProvider(), TimeProvider.System, NullLogger.Instance, rules),
            },
            errors);
        Assert.Empty(errors);
        return plan!;
    }

    private static string Describe(Explanation explanation, bool isFlow)
    {
        if (isFlow)
        {
            return $"flow {explanation.Flow.Rule} {explanation.Flow.Action}";
        }

        var rules = explanation.Query!;
        var text = new StringBuilder($"{rules.Rule} {rules.Action}");
        if (explanation.Answer is { } answer)
        {
            text.Append(' ').Append(answer.Code);
            answer.Records.Select(static record => " " + record.Split(' ', '\t')[^1]).ToList().ForEach(record => text.Append(record));
        }

        text.Append(rules.Passed.Count > 0 ? $" after {string.Join(',', rules.Passed)}" : "");
        return text.Append(explanation.Detour is null ? "" : $" ({explanation.Detour})").ToString();
    }

    // What an upstream answers goes through the answer rules of the live path.
    private static string Review(ProxyPlan plan, ExplainQuestion question, string answer)
    {
        var asked = new AskedQuestion(question.Name.ToString(), question.Type) { Client = question.Client.ToString(), Edns = 1232 };
        var facts = asked.Flow();
        var buffer = new byte[ushort.MaxValue];
        var response = Response(question, answer);
        response.CopyTo(buffer, 0);
        DnsHeader.TryRead(response, out var header);
        var context = new QueryContext(asked.Message(), in facts, stackalloc byte[WireName.MaxLength], buffer, 0)
        {
            ResponseLength = response.Length, Outcome = QueryOutcome.Forwarded, ResponseCode = header.ResponseCode,
        };
        var result = plan.Forwarding.Engine.Review!.Invoke(ref context);
        var rule = context.Decision.Step == "answers" ? plan.AnswerRules.Rules[context.Decision.Rule] : null;
        var text = $"{rule?.Name ?? "none"} {rule?.ActionName}";
        if (result == StepResult.Detour)
        {
            return $"{text} ({context.Detour!.Description})";
        }

        Assert.True(DnsMessageReader.TryRead(buffer.AsSpan(0, context.ResponseLength), out var given));
        return $"{text} {given.ResponseCode.ToText()}{string.Concat(given.Answer.Select(static record => $" {record.ToString().Split(' ', '\t')[^1]} ttl={record.TimeToLive}"))}";
    }

    private static byte[] Response(ExplainQuestion question, string answer)
    {
        var isRecord = answer is not ("NXDOMAIN" or "NODATA");
        var space = answer.IndexOf(' ', StringComparison.Ordinal);
        return DnsMessageWriter.ToArray(new DnsMessage
        {
            Flags = DnsResponses.ResponseFlags(DnsHeader.RecursionDesiredBit, answer == "NXDOMAIN" ? ResponseCode.NXDomain : ResponseCode.NoError),
            Questions = [new Question(question.Name, question.Type)],
            Answer = !isRecord ? []
                : [ResourceRecord.Create(question.Name.ToString(), 300, TypeOf(answer), answer[(space + 1)..])],
        })!;
    }

    private static RecordType TypeOf(string answer) => RecordTypes.TryParse(answer.Split(' ')[0], out var type) ? type : throw new FormatException(answer);

    // The page leaves out what an example is not about: the action, or the TTL.
    private static string Fit(string found, string expected)
    {
        var words = found.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => !word.StartsWith("ttl=", StringComparison.Ordinal) || expected.Contains("ttl=", StringComparison.Ordinal));
        return string.Join(' ', words.Where((word, i) => i != 1 || expected.Split(' ').ElementAtOrDefault(1) == word || !QueryActionCatalog.BuiltIn.Names.Contains(word)));
    }

    [GeneratedRegex(@"^##+ (?<heading>[^\n]+)\n(?:(?!^##)(?!^```jsonc)[^\n]*\n)*?^```jsonc\n(?<json>.*?)^```\n```ask\n(?<asks>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^(?<name>\S+) (?<type>\S+)(?<keys>( \w+=\S+)*)( answer: (?<answer>.+?))? => (?<expected>.+)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"(\w+)=(\S+)")]
    private static partial Regex Keys();
}
