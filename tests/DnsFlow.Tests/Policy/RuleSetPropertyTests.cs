using System.Net;
using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Settings;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Policy;

/// <summary>The indexes must decide as somebody who reads the rules from the top.</summary>
public sealed class RuleSetPropertyTests
{
    private static readonly string[] s_schedules = ["night", "noon"];

    private static readonly Gen<string> s_name =
        Gen.Choose(0, 3).SelectMany(count => Gen.ArrayOf(Gen.Elements("a", "b", "c"), count)).Select(static labels => labels.Length == 0 ? "." : string.Join('.', labels));

    private static readonly Gen<DomainPattern> s_pattern = Gen.Frequency(
        (8, Gen.Elements("", "=", "*.").SelectMany(prefix => s_name.Select(name => DomainPattern.Parse(prefix + name)))),
        (1, Gen.Elements("/^a/", "/b\\.c$/", "/[bc]{2}/").Select(DomainPattern.Parse)));

    private static readonly Gen<RecordType> s_type = Gen.Elements(RecordType.A, RecordType.AAAA, RecordType.HTTPS, (RecordType)300);

    private static readonly Gen<string> s_network = Gen.Elements("10.0.0.0/8", "10.1.0.0/16", "10.1.1.1-10.1.2.0", "::1", "::/0", "0.0.0.0/0");

    private static Gen<RuleConditionOptions> When(int depth) =>
        from domains in Some(s_pattern, 3)
        from notDomains in Rarely(s_pattern, 2)
        from types in Some(s_type, 2)
        from notTypes in Rarely(s_type, 1)
        from networks in Some(s_network, 2)
        from notNetworks in Rarely(Gen.Elements("10.1.1.0/24"), 1)
        from listeners in Some(Gen.Elements("local", "lan"), 1)
        from transport in Rarely(Gen.Elements(FlowTransport.Udp, FlowTransport.Tcp), 1)
        from schedules in Rarely(Gen.Elements(s_schedules), 1)
        from tags in Rarely(Gen.Elements("t1", "t2"), 1)
        from notTags in Rarely(Gen.Elements("t1", "t2"), 1)
        from any in depth == 0 ? Gen.Constant(Array.Empty<RuleConditionOptions>()) : Rarely(When(depth - 1), 3)
        from not in depth == 0 ? Gen.Constant(Array.Empty<RuleConditionOptions>()) : Rarely(When(depth - 1), 1)
        select new RuleConditionOptions
        {
            Domains = domains,
            NotDomains = notDomains,
            Types = types,
            NotTypes = notTypes,
            From = [.. networks.Select(Range)],
            NotClients = [.. notNetworks.Select(static text => ClientReference.To(Range(text)))],
            Listener = listeners,
            Transport = transport,
            Schedules = schedules,
            Tags = tags,
            NotTags = notTags,
            Any = any,
            Not = not.Length == 0 ? null : not[0],
        };

    internal static Gen<QueryRuleOptions> Rule { get; } =
        from action in Gen.Elements("drop", "drop", "t1", "t2")
        from when in When(2)
        select new QueryRuleOptions
        {
            Action = action == "drop" ? "drop" : "tag",
            Settings = action == "drop" ? SettingsReader.Of() : SettingsReader.Of(("Tag", [action])),
            Overrides = true,
            When = when,
        };

    internal static Gen<AskedQuestion> Question { get; } =
        from name in s_name
        from type in s_type
        from client in Gen.Elements("10.1.1.1", "10.1.2.1", "10.2.0.1", "::1", "2001:db8::1", "192.0.2.1")
        from listener in Gen.Choose(0, 2)
        from transport in Gen.Elements(FlowTransport.Udp, FlowTransport.Tcp)
        select new AskedQuestion(name, type) { Client = client, Listener = listener, Transport = transport };

    [Fact]
    public void Decide_RandomRules_AgreesWithALinearEvaluator()
    {
        var cases = from rules in Gen.ListOf(Rule, 8)
                    from questions in Gen.ListOf(Question, 10)
                    from schedules in Gen.Choose(0, 3)
                    select (rules, questions, (ulong)schedules);
        var decided = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500), Prop.ForAll(Arb.From(cases), input =>
        {
            var (rules, questions, schedules) = input;
            List<QueryRuleOptions> options = [Tag("t1"), Tag("t2"), .. rules, QueryRuleOptions.ForwardAll("default")];
            var errors = new SettingsErrors();
            if (PolicyCompiler.CompileQueryRules(options, Inputs(), errors) is not { } set)
            {
                // Chance wrote a rule that can never match, and the compiler may say so.
                return errors.All(static error => error.Message.Contains("never", StringComparison.Ordinal) || error.Message.StartsWith("matches everything", StringComparison.Ordinal));
            }

            decided++;
            return questions.All(question => Naive(options, question, schedules) is var expected
                && Decide(set, question, schedules, null) == expected && Decide(set, question, schedules, new RuleTrace()) == expected);
        }));
        Assert.True(decided > 300, $"only {decided} sets were compiled");
    }

    // So that both tags are given by somebody, as conditions must not ask for others.
    internal static QueryRuleOptions Tag(string tag) => new()
    {
        Action = "tag",
        Settings = SettingsReader.Of(("Tag", [tag])),
        When = new RuleConditionOptions { Domains = [DomainPattern.Parse($"={tag}.never.example")] },
    };

    private static PolicyInputs Inputs() => new()
    {
        Listeners = ["local", "lan"],
        Groups = TestRules.Groups,
        Schedules = TestRules.Schedules(("night", "21:00", "06:00"), ("noon", "12:00", "13:00")),
    };

    private static Gen<T[]> Some<T>(Gen<T> element, int most) =>
        Gen.Frequency((1, Gen.Constant(Array.Empty<T>())), (1, Gen.Choose(1, most).SelectMany(count => Gen.ArrayOf(element, count))));

    private static Gen<T[]> Rarely<T>(Gen<T> element, int most) =>
        Gen.Frequency((5, Gen.Constant(Array.Empty<T>())), (1, Gen.Choose(1, most).SelectMany(count => Gen.ArrayOf(element, count))));

    private static AddressRange Range(string text) => AddressRange.TryParse(text, out var range, out var error) ? range : throw new FormatException(error);

    private static int Decide(RuleSet rules, AskedQuestion question, ulong schedules, RuleTrace? trace)
    {
        var flow = question.Flow();
        return rules.Decide(new QueryFacts(DomainName.Parse(question.Name).Wire, question.Type, ref flow, schedules), trace).Index;
    }

    private static int Naive(List<QueryRuleOptions> rules, AskedQuestion question, ulong schedules)
    {
        var tags = new HashSet<string>();
        for (var i = 0; ; i++)
        {
            if (Matches(rules[i].When, question, schedules, tags))
            {
                if (rules[i].Action != "tag")
                {
                    return i;
                }

                rules[i].Settings.Child("Tag").TryReadValue(SettingsKinds.Text, out var tag);
                tags.Add(tag);
            }
        }
    }

    private static bool Matches(RuleConditionOptions when, AskedQuestion question, ulong schedules, HashSet<string> tags)
    {
        var name = DomainName.Parse(question.Name).Wire.ToArray();
        var client = IPAddress.Parse(question.Client);
        return (when.Domains.Count == 0 || when.Domains.Any(pattern => pattern.Covers(name)))
            && !when.NotDomains.Any(pattern => pattern.Covers(name))
            && (when.Types.Count == 0 || when.Types.Contains(question.Type))
            && !when.NotTypes.Contains(question.Type)
            && (when.From.Count == 0 || when.From.Any(range => IsIn(range.ToString(), client)))
            && !when.NotClients.Any(reference => IsIn(reference.ToString(), client))
            && (when.Listener.Count == 0 || (question.Listener < 2 && when.Listener.Contains(question.Listener == 0 ? "local" : "lan")))
            && (when.Transport.Count == 0 || when.Transport.Contains(question.Transport))
            && (when.Schedules.Count == 0 || when.Schedules.Any(name => (schedules >> Array.IndexOf(s_schedules, name) & 1) != 0))
            && (when.Tags.Count == 0 || when.Tags.Any(tags.Contains))
            && !when.NotTags.Any(tags.Contains)
            && (when.Any.Count == 0 || when.Any.Any(one => Matches(one, question, schedules, tags)))
            && (when.Not is null || !Matches(when.Not, question, schedules, tags));
    }

    // By the text of the range, octet by octet: nothing of the compiled form is used.
    private static bool IsIn(string range, IPAddress client)
    {
        if (range.Contains('/', StringComparison.Ordinal))
        {
            return IPNetwork.Parse(range).Contains(client);
        }

        var ends = range.Split('-').Select(IPAddress.Parse).ToArray();
        var (first, last, own) = (ends[0].GetAddressBytes(), ends[^1].GetAddressBytes(), client.GetAddressBytes());
        return own.Length == first.Length && Compare(own, first) >= 0 && Compare(own, last) <= 0;
    }

    private static int Compare(byte[] left, byte[] right) => left.AsSpan().SequenceCompareTo(right);
}
