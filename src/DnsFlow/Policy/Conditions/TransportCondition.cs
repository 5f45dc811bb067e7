using DnsFlow.Flows;

namespace DnsFlow.Policy.Conditions;

/// <summary>One of some transports carries the flow.</summary>
internal sealed class TransportCondition(IEnumerable<FlowTransport> transports) : RuleCondition("Transport")
{
    private readonly uint _transports = transports.Aggregate(0u, static (all, transport) => all | 1u << (int)transport);

    /// <summary>Whether a transport is meant.</summary>
    public bool Has(FlowTransport transport) => (_transports >> (int)transport & 1) != 0;

    protected override bool Contains(in QueryFacts facts, in RuleState state) => Has(facts.Flow.Transport);

    protected override bool Covers(RuleCondition other) => (((TransportCondition)other)._transports & ~_transports) == 0;
}
