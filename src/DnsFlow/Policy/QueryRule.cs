using System.Collections.Immutable;
using DnsFlow.Protocol;

namespace DnsFlow.Policy;

/// <summary>One compiled rule on queries.</summary>
public sealed class QueryRule
{
    private readonly FlowMatch _flow;
    private readonly ImmutableArray<RecordType> _types;

    internal QueryRule(int index, string name, string actionName, QueryConditionOptions when, FlowMatch flow, IQueryAction action, RuleCounter counter)
    {
        Index = index;
        Name = name;
        ActionName = actionName;
        Action = action;
        Counter = counter;
        HasDomains = when.Domains.Count > 0;
        HasExclusions = when.NotDomains.Count > 0;
        _types = [.. when.Types];
        _flow = flow;
    }

    /// <summary>Its place in the list.</summary>
    public int Index { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The name of its action.</summary>
    public string ActionName { get; }

    /// <summary>What it does.</summary>
    public IQueryAction Action { get; }

    /// <summary>How often it has matched.</summary>
    public RuleCounter Counter { get; }

    /// <summary>Whether it asks for names.</summary>
    internal bool HasDomains { get; }

    /// <summary>Whether it excludes names.</summary>
    internal bool HasExclusions { get; }

    /// <summary>The first condition that is not met; the index has said whether its patterns cover the name.</summary>
    internal RuleMiss Find(in QueryFacts facts, bool isCovered, bool isExcluded)
    {
        if (HasDomains && !isCovered)
        {
            return RuleMiss.Domains;
        }

        if (isExcluded)
        {
            return RuleMiss.NotDomains;
        }

        if (!_types.IsEmpty && _types.AsSpan().IndexOf(facts.Type) < 0)
        {
            return RuleMiss.Types;
        }

        return _flow.Find(facts.Flow);
    }
}
