using System.Collections.Immutable;
using System.Net;
using DnsFlow.Clients;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Upstreams;
using DnsFlow.Zones;
using DnsFlow.Zones.Transfer;

namespace DnsFlow.Server.Plans;

/// <summary>Everything a configuration compiles to. Immutable; swapped by one reference.</summary>
internal sealed class ProxyPlan : IDisposable
{
    /// <summary>What both planes read.</summary>
    public required ForwardingPlan Forwarding { get; init; }

    /// <summary>The flow rules, given to the default provider.</summary>
    public required FlowRuleSet FlowRules { get; init; }

    /// <summary>The query rules.</summary>
    public required RuleSet QueryRules { get; init; }

    /// <summary>The sets of clients.</summary>
    public required ClientSets Clients { get; init; }

    /// <summary>The lists that the query rules ask.</summary>
    public required ListSet Lists { get; init; }

    /// <summary>The answer rules.</summary>
    public required RuleSet AnswerRules { get; init; }

    /// <summary>The zones served from here.</summary>
    public required ZoneStore Zones { get; init; }

    /// <summary>The zones among them that are transferred from their primaries.</summary>
    public required ZoneTransfers Transfers { get; init; }

    /// <summary>All upstream groups, that of passed flows included.</summary>
    public required ImmutableArray<UpstreamGroup> Groups { get; init; }

    /// <summary>Who resolves the names of upstreams.</summary>
    public required ImmutableArray<IPEndPoint> Bootstrap { get; init; }

    /// <summary>Frees everything.</summary>
    public void Dispose() => DisposeExcept(null);

    /// <summary>
    /// Frees what a later plan does not have too. Questions in flight hold on to their group: it goes on answering them.
    /// </summary>
    public void DisposeExcept(ProxyPlan? later)
    {
        foreach (var group in Groups.Add(Forwarding.SystemGroup))
        {
            if (later is null || !(later.Groups.Contains(group) || later.Forwarding.SystemGroup == group))
            {
                group.Dispose();
            }
        }
    }
}
