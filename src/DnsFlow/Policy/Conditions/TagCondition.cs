namespace DnsFlow.Policy.Conditions;

/// <summary>An earlier rule gave the query one of some tags, given as bits.</summary>
internal sealed class TagCondition(string key, ulong tags, bool isNegated) : RuleCondition(key, isNegated)
{
    private readonly ulong _tags = tags;

    protected override bool Contains(in QueryFacts facts, in RuleState state) => (state.Tags & _tags) != 0;

    protected override bool Covers(RuleCondition other) => (((TagCondition)other)._tags & ~_tags) == 0;
}
