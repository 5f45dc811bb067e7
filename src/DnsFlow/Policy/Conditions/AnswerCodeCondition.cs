using DnsFlow.Protocol;

namespace DnsFlow.Policy.Conditions;

/// <summary>The response's RCODE is one of some; the upper bits that EDNS adds are not looked at.</summary>
internal sealed class AnswerCodeCondition(IEnumerable<ResponseCode> codes) : RuleCondition("AnswerCode")
{
    private readonly uint _codes = codes.Aggregate(0u, static (all, code) => all | 1u << ((int)code & 15));

    protected override bool Contains(in QueryFacts facts, in RuleState state) =>
        DnsHeader.TryRead(facts.Response, out var header) && (_codes >> ((int)header.ResponseCode & 15) & 1) != 0;

    protected override bool Covers(RuleCondition other) => (((AnswerCodeCondition)other)._codes & ~_codes) == 0;
}
