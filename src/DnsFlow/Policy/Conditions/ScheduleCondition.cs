namespace DnsFlow.Policy.Conditions;

/// <summary>It is the time of one of some schedules, given as bits.</summary>
internal sealed class ScheduleCondition(string key, ulong schedules, bool isNegated) : RuleCondition(key, isNegated)
{
    private readonly ulong _schedules = schedules;

    protected override bool Contains(in QueryFacts facts, in RuleState state) => (facts.Schedules & _schedules) != 0;

    protected override bool Covers(RuleCondition other) => (((ScheduleCondition)other)._schedules & ~_schedules) == 0;
}
