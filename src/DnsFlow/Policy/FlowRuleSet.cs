using System.Collections.Immutable;
using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>The flow rules of one plan: the first that matches gives the verdict, the last matches everything. Immutable, thread safe, allocates nothing.</summary>
public sealed class FlowRuleSet
{
    internal FlowRuleSet(ImmutableArray<FlowRule> rules, ScheduleClock schedules) => (Rules, Schedules) = (rules, schedules);

    /// <summary>The one rule that claims every flow.</summary>
    public static FlowRuleSet ClaimAll { get; } = new([new FlowRule("all", [], FlowVerdict.Claim, new RuleCounter())], ScheduleClock.None);

    /// <summary>The rules in order.</summary>
    public ImmutableArray<FlowRule> Rules { get; }

    /// <summary>The schedules the rules know.</summary>
    public ScheduleClock Schedules { get; }

    /// <summary>
    /// Decides as <see cref="Apply"/> does, but counts nothing. A pure function of the facts and of the <paramref name="schedules"/> it is the time of;
    /// <paramref name="trace"/> collects the misses.
    /// </summary>
    public FlowDecision Decide(in FlowFacts facts, ulong schedules = 0, RuleTrace? trace = null)
    {
        var all = new QueryFacts(in facts, schedules);
        for (var i = 0; i < Rules.Length - 1; i++)
        {
            if (FindMiss(Rules[i], all) is not { } miss)
            {
                return new FlowDecision(Rules[i].Verdict, i);
            }

            trace?.Miss(i, miss);
        }

        return new FlowDecision(Rules[^1].Verdict, Rules.Length - 1);
    }

    /// <summary>Decides about a flow that has come, and counts the rule.</summary>
    public FlowVerdict Apply(in FlowFacts facts)
    {
        var decision = Decide(facts, Schedules.ActiveNow());
        Rules[decision.Rule].Counter.Increment();
        return decision.Verdict;
    }

    private static string? FindMiss(FlowRule rule, in QueryFacts facts)
    {
        foreach (var condition in rule.Conditions)
        {
            if (!condition.Holds(facts, default))
            {
                return condition.Key;
            }
        }

        return null;
    }
}
