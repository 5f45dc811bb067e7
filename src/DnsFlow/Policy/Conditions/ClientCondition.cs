using DnsFlow.Clients;

namespace DnsFlow.Policy.Conditions;

/// <summary>The client is one of some.</summary>
internal sealed class ClientCondition(string key, ClientSet clients, bool isNegated) : RuleCondition(key, isNegated)
{
    /// <summary>The clients.</summary>
    public ClientSet Clients { get; } = clients;

    protected override bool Contains(in QueryFacts facts, in RuleState state) => Clients.Contains(facts.Flow.Client);

    protected override bool Covers(RuleCondition other) => Clients.ContainsAll(((ClientCondition)other).Clients);
}
