using System.Collections.Immutable;
using DnsFlow.Flows;

namespace DnsFlow.Policy;

/// <summary>The flow rules of one plan: the first that matches gives the verdict, the last matches everything. Immutable, thread safe, allocates nothing.</summary>
public sealed class FlowRuleSet
{
    internal FlowRuleSet(ImmutableArray<FlowRule> rules) => Rules = rules;

    /// <summary>The one rule that claims every flow.</summary>
    public static FlowRuleSet ClaimAll { get; } =
        new([new FlowRule("all", new FlowMatch(new FlowConditionOptions(), null, null), FlowVerdict.Claim, new RuleCounter())]);

    /// <summary>The rules in order.</summary>
    public ImmutableArray<FlowRule> Rules { get; }

    /// <summary>Decides as <see cref="Apply"/> does, but counts nothing. A pure function of the facts; <paramref name="trace"/> collects the misses.</summary>
    public FlowDecision Decide(in FlowFacts facts, RuleTrace? trace = null)
    {
        for (var i = 0; i < Rules.Length - 1; i++)
        {
            var miss = Rules[i].Match.Find(facts);
            if (miss == RuleMiss.None)
            {
                return new FlowDecision(Rules[i].Verdict, i);
            }

            trace?.Add(i, miss);
        }

        return new FlowDecision(Rules[^1].Verdict, Rules.Length - 1);
    }

    /// <summary>Decides about a flow that has come, and counts the rule.</summary>
    public FlowVerdict Apply(in FlowFacts facts)
    {
        var decision = Decide(facts);
        Rules[decision.Rule].Counter.Increment();
        return decision.Verdict;
    }
}
