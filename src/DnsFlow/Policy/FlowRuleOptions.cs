using DnsFlow.Flows;

namespace DnsFlow.Policy;

/// <summary>One rule on new flows (<c>DnsFlow:FlowRules</c>).</summary>
public sealed class FlowRuleOptions
{
    /// <summary>The rule's name; null = its number. Unique among the flow rules.</summary>
    public string? Name { get; set; }

    /// <summary>When it matches; nothing set = always.</summary>
    public RuleConditionOptions When { get; set; } = new();

    /// <summary>The verdict; must be set.</summary>
    public FlowVerdict? Verdict { get; set; }
}
