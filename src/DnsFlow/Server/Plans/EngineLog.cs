using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Server.QueryLogs;

namespace DnsFlow.Server.Plans;

/// <summary>Notes the decisions of one plan's engine, and knows what its numbers mean.</summary>
/// <param name="queue">Where they go.</param>
/// <param name="listeners">The listeners' names by index.</param>
/// <param name="groups">The groups' names by index.</param>
/// <param name="rules">The query rules.</param>
/// <param name="answerRules">The answer rules.</param>
internal sealed class EngineLog(QueryLogQueue queue, IReadOnlyList<string> listeners, IReadOnlyList<string> groups, RuleSet rules, RuleSet answerRules) : IQueryLog
{
    /// <inheritdoc/>
    public void Note(in QueryContext context, StepResult result)
    {
        if (!context.Name.IsEmpty)
        {
            var decided = result switch
            {
                StepResult.Answered => LoggedResult.Answered,
                StepResult.Dropped => LoggedResult.Dropped,
                StepResult.Forward => LoggedResult.Forwarded,
                _ => LoggedResult.Detour,
            };
            queue.Add(this, context, decided);
        }
    }

    /// <inheritdoc/>
    public void NotePassed(in QueryContext context)
    {
        if (!context.Name.IsEmpty)
        {
            queue.Add(this, context, LoggedResult.Passed);
        }
    }

    /// <inheritdoc/>
    public void NoteShed(ReadOnlySpan<byte> query, in FlowFacts flow, long now, ShedReason reason)
    {
        if (!queue.MayNoteShed(now))
        {
            return;
        }

        var context = new QueryContext(query, in flow, stackalloc byte[WireName.MaxLength], [], now);
        if (!context.Name.IsEmpty)
        {
            queue.Add(this, context, LoggedResult.Shed, reason);
        }
    }

    /// <summary>The name of a listener; empty when it has none.</summary>
    public string Listener(int index) => (uint)index < (uint)listeners.Count ? listeners[index] : "";

    /// <summary>The name of a group; null = none.</summary>
    public string? Group(int index) => (uint)index < (uint)groups.Count ? groups[index] : null;

    /// <summary>The rule that decided; null = none did.</summary>
    public QueryRule? Rule(in Decision decision)
    {
        var set = decision.Step == QueryEngine.PolicyStep ? rules : answerRules;
        return (uint)decision.Rule < (uint)set.Rules.Length ? set.Rules[decision.Rule] : null;
    }
}
