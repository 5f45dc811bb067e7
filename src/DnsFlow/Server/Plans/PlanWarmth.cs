using DnsFlow.Flows;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Server.Plans;

/// <summary>Walks through a new plan before it takes its place, so that no client waits for memory that was never touched. Counts nothing.</summary>
internal static class PlanWarmth
{
    private const int MaxNames = 256;

    // www.example A IN, as a client sends it.
    private static readonly byte[] Query = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, .. "www"u8, 7, .. "example"u8, 0, 0, 1, 0, 1];

    /// <summary>Asks the rules and zones about names they have.</summary>
    public static void Warm(ProxyPlan plan)
    {
        var facts = new FlowFacts(new FlowKey(FlowTransport.Udp, FlowEndpoint.FromIPv4(0x7F00_0001, 1_024), FlowEndpoint.FromIPv4(0x7F00_0001, 53)), 0);
        plan.FlowRules.Decide(facts);
        Span<byte> lowered = stackalloc byte[WireName.MaxLength];
        var context = new QueryContext(Query, in facts, lowered, [], 0);
        plan.QueryRules.Decide(new QueryFacts(in context, schedules: 0));
        foreach (var zone in plan.Zones.Zones.Take(MaxNames))
        {
            plan.Zones.Find(zone.Apex, RecordType.SOA);
        }
    }
}
