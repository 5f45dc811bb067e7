namespace DnsFlow.Policy.Conditions;

/// <summary>Lists of conditions that hold together.</summary>
internal static class AllConditions
{
    /// <summary>
    /// Whether all hold. The entry by which a list among them matched is kept only when they do and <paramref name="keepsMatch"/> says so: it is what the action answers.
    /// </summary>
    public static bool Hold(RuleCondition[] conditions, in QueryFacts facts, RuleState state, bool keepsMatch = true)
    {
        var before = state.Match;
        var holds = true;
        for (var i = 0; holds && i < conditions.Length; i++)
        {
            holds = conditions[i].Holds(facts, state);
        }

        if (!holds || !keepsMatch)
        {
            state.Match = before;
        }

        return holds;
    }

    /// <summary>Whether all hold whenever all of <paramref name="others"/> do; false also when that is not known.</summary>
    public static bool AreImpliedBy(RuleCondition[] conditions, RuleCondition[] others) =>
        Array.TrueForAll(conditions, one => Array.Exists(others, one.IsImpliedBy));

    /// <summary>All of the conditions and those inside of them.</summary>
    public static IEnumerable<RuleCondition> Flatten(IEnumerable<RuleCondition> conditions) =>
        conditions.SelectMany(static condition => Flatten(condition.Inner).Prepend(condition));
}
