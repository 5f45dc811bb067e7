using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>What a rule does with a query that it matches. Thread safe; called on data-plane threads: it must not block, throw or allocate.</summary>
public interface IQueryAction
{
    /// <summary>
    /// Whether the rule is the last one: true for what decides about the query, false for what only adds to it (a tag, a limit) and lets later rules go on.
    /// </summary>
    bool IsFinal => true;

    /// <summary>
    /// Answers the query, drops it, or returns <see cref="StepResult.Continue"/>: a final action has then chosen a group, and zones and the cache are asked
    /// before the group; after any other the next rule is tried. The step has recorded the rule in <see cref="QueryContext.Decision"/> already.
    /// </summary>
    StepResult Invoke(ref QueryContext context);
}
