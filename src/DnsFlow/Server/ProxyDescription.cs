using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Telemetry;
using DnsFlow.Transports.Tls;
using DnsFlow.Upstreams;
using DnsFlow.Zones;

namespace DnsFlow.Server;

/// <summary>What a person, or who watches, wants to know of a proxy: told of one plan and one set of listeners, so that no two parts of it contradict each other.</summary>
internal sealed class ProxyDescription(ProxyPlan plan, ListenerSet listeners)
{
    /// <summary>What is told after the start.</summary>
    public ServerSummary Summary => new()
    {
        Listeners = [.. listeners.Bound.Select(static bound => bound.Summarize())],
        Certificates = [.. listeners.Encryption.Select(static each => Summarize(each.Key, each.Value.Certificates))],
        Upstreams = [.. plan.Groups.Select(static group => new UpstreamSummary(group.Name, Servers(group)))],
        Zones = [.. plan.Zones.Zones.Select(Summarize)],
        Warnings = [.. listeners.Missing, .. plan.Groups.Where(static group => group.Problem is not null).Select(Describe)],
    };

    /// <summary>Whether each listener is bound, each group has a server that is usable, and each list is there.</summary>
    public ReadinessReport Readiness => new(
    [
        .. listeners.Missing, .. plan.Groups.Where(static group => group.IsDown).Select(Describe),
        .. plan.Lists.Lists.Where(static list => list.Missing is not null).Select(static list => $"list '{list.Name}': {list.Error}"),
    ]);

    /// <summary>The rules in force, each with what is paused of it.</summary>
    public IReadOnlyList<RuleReport> Rules(IReadOnlyList<PauseStats> pauses) =>
    [
        .. plan.FlowRules.Rules.Select(static (rule, index) => new RuleReport("flow", index, rule.Name, rule.Verdict.ToString().ToLowerInvariant(), rule.Counter.Count, [])),
        .. plan.QueryRules.Rules.Select((rule, index) => Describe("query", rule, index == plan.QueryRules.Rules.Length - 1 ? [] : pauses)),
        .. plan.AnswerRules.Rules.Select(rule => Describe("answer", rule, pauses)),
    ];

    private static RuleReport Describe(string stage, QueryRule rule, IReadOnlyList<PauseStats> pauses) => new(
        stage, rule.Index, rule.Name, rule.ActionName, rule.Counter.Count, [.. pauses.Where(pause => string.Equals(pause.Name, rule.Name, StringComparison.OrdinalIgnoreCase))]);

    private static string Describe(UpstreamGroup group) => $"upstream group '{group.Name}': {group.Problem ?? "no server answers"}";

    private static CertificateSummary Summarize(string listener, CertificateStore certificates) => new(
        listener, certificates.DefaultFile, certificates.Default.Pin, certificates.Default.Leaf.NotAfter.ToUniversalTime(), certificates.Default.IsSelfSigned);

    private static ZoneSummary Summarize(Zone zone) => new(
        NameText.Print(zone.Apex), zone.NameCount, zone.FindNameWith(RecordType.A) is { } name ? NameText.Print(name) : null);

    private static List<string> Servers(UpstreamGroup group)
    {
        var names = new List<string>();
        foreach (var server in group.Servers)
        {
            names.Add(server.Name);
        }

        return names;
    }
}
