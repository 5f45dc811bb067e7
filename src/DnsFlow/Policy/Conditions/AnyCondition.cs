namespace DnsFlow.Policy.Conditions;

/// <summary>One of some alternatives holds, each a list of conditions that hold together.</summary>
internal sealed class AnyCondition(RuleCondition[][] alternatives) : RuleCondition("Any")
{
    private readonly RuleCondition[][] _alternatives = alternatives;

    public override bool NeedsName => Array.TrueForAll(_alternatives, static all => Array.Exists(all, static one => one.NeedsName));

    public override IEnumerable<RuleCondition> Inner => _alternatives.SelectMany(static all => all);

    protected override bool Contains(in QueryFacts facts, in RuleState state)
    {
        foreach (var alternative in _alternatives)
        {
            if (AllConditions.Hold(alternative, facts, state))
            {
                return true;
            }
        }

        return false;
    }

    protected override bool Covers(RuleCondition other) => Array.TrueForAll(
        ((AnyCondition)other)._alternatives, theirs => Array.Exists(_alternatives, own => AllConditions.AreImpliedBy(own, theirs)));
}
