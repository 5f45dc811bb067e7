using DnsFlow.Flows;

namespace DnsFlow.Policy;

/// <summary>One compiled rule on new flows.</summary>
public sealed class FlowRule
{
    internal FlowRule(string name, FlowMatch match, FlowVerdict verdict, RuleCounter counter)
    {
        Name = name;
        Match = match;
        Verdict = verdict;
        Counter = counter;
    }

    /// <summary>The rule's name.</summary>
    public string Name { get; }

    /// <summary>Its verdict.</summary>
    public FlowVerdict Verdict { get; }

    /// <summary>How often it gave the verdict.</summary>
    public RuleCounter Counter { get; }

    internal FlowMatch Match { get; }
}
