namespace DnsFlow.Policy.Conditions;

/// <summary>Some conditions do not hold together.</summary>
internal sealed class NotCondition(RuleCondition[] conditions) : RuleCondition("Not", isNegated: true)
{
    private readonly RuleCondition[] _conditions = conditions;

    public override IEnumerable<RuleCondition> Inner => _conditions;

    protected override bool Contains(in QueryFacts facts, in RuleState state) => AllConditions.Hold(_conditions, facts, state, keepsMatch: false);

    protected override bool Covers(RuleCondition other) => AllConditions.AreImpliedBy(_conditions, ((NotCondition)other)._conditions);
}
