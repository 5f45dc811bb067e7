using DnsFlow.Flows;
using DnsFlow.Policy.Conditions;

namespace DnsFlow.Policy;

/// <summary>One compiled rule on new flows.</summary>
public sealed class FlowRule
{
    internal FlowRule(string name, RuleCondition[] conditions, FlowVerdict verdict, RuleCounter counter)
    {
        Name = name;
        Conditions = conditions;
        Verdict = verdict;
        Counter = counter;
    }

    /// <summary>The rule's name.</summary>
    public string Name { get; }

    /// <summary>Its verdict.</summary>
    public FlowVerdict Verdict { get; }

    /// <summary>How often it gave the verdict.</summary>
    public RuleCounter Counter { get; }

    internal RuleCondition[] Conditions { get; }
}
