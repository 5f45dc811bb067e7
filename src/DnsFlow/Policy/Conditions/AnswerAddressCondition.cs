using DnsFlow.Clients;
using DnsFlow.Policy.Actions;

namespace DnsFlow.Policy.Conditions;

/// <summary>An address in the answer section, hints of HTTPS and SVCB included, is one of some.</summary>
internal sealed class AnswerAddressCondition(string key, ClientSet addresses, bool isNegated) : RuleCondition(key, isNegated)
{
    private readonly ClientSet _addresses = addresses;

    protected override bool Contains(in QueryFacts facts, in RuleState state) => AnswerAddresses.AnyIn(facts.Response, _addresses);

    protected override bool Covers(RuleCondition other) => _addresses.ContainsAll(((AnswerAddressCondition)other)._addresses);
}
