using DnsFlow.Policy.Conditions;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>One compiled rule on queries.</summary>
public sealed class QueryRule
{
    internal QueryRule(int index, string name, string actionName, RuleCondition[] conditions, IQueryAction action, RuleCounter counter)
    {
        Index = index;
        Name = name;
        ActionName = actionName;
        Conditions = conditions;
        Action = action;
        Counter = counter;
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

    /// <summary>The tags it gives to queries that it matches, one bit each.</summary>
    internal ulong Tags { get; init; }

    /// <summary>What it asks for; all must hold.</summary>
    internal RuleCondition[] Conditions { get; }

    /// <summary>Counts a match, unless it is a rehearsal.</summary>
    internal void Count(QueryTrace? trace)
    {
        if (trace is null)
        {
            Counter.Increment();
        }
    }

    /// <summary>The key of the first condition that does not hold; null = it matches.</summary>
    internal string? FindMiss(in QueryFacts facts, in RuleState state)
    {
        foreach (var condition in Conditions)
        {
            if (!condition.Holds(facts, state))
            {
                return condition.Key;
            }
        }

        return null;
    }
}
