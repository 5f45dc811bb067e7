namespace DnsFlow.Policy.Conditions;

/// <summary>Lists of conditions that hold together.</summary>
internal static class AllConditions
{
    /// <summary>Whether all hold.</summary>
    public static bool Hold(RuleCondition[] conditions, in QueryFacts facts, in RuleState state)
    {
        foreach (var condition in conditions)
        {
            if (!condition.Holds(facts, state))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether all hold whenever all of <paramref name="others"/> do; false also when that is not known.</summary>
    public static bool AreImpliedBy(RuleCondition[] conditions, RuleCondition[] others) =>
        Array.TrueForAll(conditions, one => Array.Exists(others, one.IsImpliedBy));

    /// <summary>All of the conditions and those inside of them.</summary>
    public static IEnumerable<RuleCondition> Flatten(IEnumerable<RuleCondition> conditions) =>
        conditions.SelectMany(static condition => Flatten(condition.Inner).Prepend(condition));
}
