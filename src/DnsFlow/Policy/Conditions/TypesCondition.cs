using DnsFlow.Protocol;

namespace DnsFlow.Policy.Conditions;

/// <summary>The query's type is one of some.</summary>
internal sealed class TypesCondition(string key, IEnumerable<RecordType> types, bool isNegated) : RuleCondition(key, isNegated)
{
    private readonly RecordType[] _types = [.. types];

    /// <summary>The types.</summary>
    public IReadOnlyList<RecordType> Types => _types;

    /// <summary>Whether a type is in the set.</summary>
    public bool Has(RecordType type) => _types.AsSpan().IndexOf(type) >= 0;

    protected override bool Contains(in QueryFacts facts, in RuleState state) => Has(facts.Type);

    protected override bool Covers(RuleCondition other) => Array.TrueForAll(((TypesCondition)other)._types, Has);
}
