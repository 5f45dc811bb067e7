using DnsFlow.Protocol;

namespace DnsFlow.Policy.Conditions;

/// <summary>The query's class is one of some.</summary>
internal sealed class ClassCondition(IEnumerable<RecordClass> classes) : RuleCondition("Class")
{
    private readonly RecordClass[] _classes = [.. classes];

    protected override bool Contains(in QueryFacts facts, in RuleState state) => _classes.AsSpan().IndexOf(facts.Class) >= 0;

    protected override bool Covers(RuleCondition other) => Array.TrueForAll(((ClassCondition)other)._classes, own => _classes.Contains(own));
}
