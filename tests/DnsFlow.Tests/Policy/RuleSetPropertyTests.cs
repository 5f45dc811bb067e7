using System.Net;
using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Settings;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Policy;

/// <summary>The index must decide as somebody who reads the rules from the top.</summary>
public sealed class RuleSetPropertyTests
{
    private static readonly Gen<string> s_name =
        Gen.Choose(0, 3).SelectMany(count => Gen.ArrayOf(Gen.Elements("a", "b", "c"), count)).Select(static labels => labels.Length == 0 ? "." : string.Join('.', labels));

    private static readonly Gen<NamePattern> s_pattern =
        Gen.Elements("", "=", "*.").SelectMany(prefix => s_name.Select(name => NamePattern.Parse(prefix + name)));

    private static readonly Gen<RecordType> s_type = Gen.Elements(RecordType.A, RecordType.AAAA, RecordType.HTTPS);

    private static readonly Gen<QueryRuleOptions> s_rule =
        from domains in Some(s_pattern, 3)
        from notDomains in Some(s_pattern, 2)
        from types in Some(s_type, 2)
        from networks in Some(Gen.Elements("10.0.0.0/8", "10.1.0.0/16", "::1/128"), 2)
        from notNetworks in Some(Gen.Elements("10.1.1.0/24"), 1)
        from listeners in Some(Gen.Elements("local", "lan"), 1)
        from transport in Gen.Elements<FlowTransport?>(null, null, FlowTransport.Udp, FlowTransport.Tcp)
        select new QueryRuleOptions
        {
            Action = "drop",
            When = new QueryConditionOptions
            {
                Domains = domains,
                NotDomains = notDomains,
                Types = types,
                From = [.. networks.Select(IPNetwork.Parse)],
                NotClients = [.. notNetworks.Select(IPNetwork.Parse)],
                Listener = listeners,
                Transport = transport,
            },
        };

    private static readonly Gen<AskedQuestion> s_question =
        from name in s_name
        from type in s_type
        from client in Gen.Elements("10.1.1.1", "10.1.2.1", "10.2.0.1", "::1", "192.0.2.1")
        from listener in Gen.Choose(0, 1)
        from transport in Gen.Elements(FlowTransport.Udp, FlowTransport.Tcp)
        select new AskedQuestion(name, type) { Client = client, Listener = listener, Transport = transport };

    [Fact]
    public void Decide_RandomRules_AgreesWithALinearEvaluator()
    {
        var cases = Gen.ListOf(s_rule, 8).SelectMany(rules => Gen.ListOf(s_question, 10).Select(questions => (Reachable(rules), questions)));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(Arb.From(cases), static input =>
        {
            var (options, questions) = input;
            var errors = new SettingsErrors();
            var rules = PolicyCompiler.CompileQueryRules(options, TestRules.Inputs(new BlockingOptions(), QueryActionCatalog.BuiltIn), errors);
            Assert.Empty(errors);
            return questions.All(question => Decide(rules!, question, null) == Naive(options, question)
                && Decide(rules!, question, new RuleTrace()) == Naive(options, question));
        }));
    }

    private static Gen<T[]> Some<T>(Gen<T> element, int most) =>
        Gen.Frequency((1, Gen.Constant(Array.Empty<T>())), (1, Gen.Choose(1, most).SelectMany(count => Gen.ArrayOf(element, count))));

    private static List<QueryRuleOptions> Reachable(IEnumerable<QueryRuleOptions> rules) =>
        [.. rules.Where(static rule => !IsCatchAll(rule.When)), QueryRuleOptions.ForwardAll("default")];

    private static bool IsCatchAll(QueryConditionOptions when) =>
        when.NotDomains.Count + when.Types.Count + when.From.Count + when.NotClients.Count + when.Listener.Count == 0 && when.Transport is null
        && (when.Domains.Count == 0 || when.Domains.Any(static pattern => pattern.IsEverything));

    private static int Decide(RuleSet rules, AskedQuestion question, RuleTrace? trace)
    {
        var flow = question.Flow();
        return rules.Decide(new QueryFacts(DomainName.Parse(question.Name).Wire, question.Type, ref flow), trace).Index;
    }

    private static int Naive(List<QueryRuleOptions> rules, AskedQuestion question) =>
        rules.FindIndex(rule => Matches(rule.When, question, DomainName.Parse(question.Name), IPAddress.Parse(question.Client)));

    private static bool Matches(QueryConditionOptions when, AskedQuestion question, DomainName name, IPAddress client) =>
        (when.Domains.Count == 0 || when.Domains.Any(pattern => pattern.Covers(name.Wire)))
        && !when.NotDomains.Any(pattern => pattern.Covers(name.Wire))
        && (when.Types.Count == 0 || when.Types.Contains(question.Type))
        && (when.From.Count == 0 || when.From.Any(network => network.Contains(client)))
        && !when.NotClients.Any(network => network.Contains(client))
        && (when.Listener.Count == 0 || when.Listener.Contains(question.Listener == 0 ? "local" : "lan"))
        && (when.Transport is null || when.Transport == question.Transport);
}
