using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>What a rule does with a query that it matches. Thread safe; called on data-plane threads: it must not block, throw or allocate.</summary>
public interface IQueryAction
{
    /// <summary>
    /// Answers the query, drops it, or chooses a group and returns <see cref="StepResult.Continue"/>, so that zones and the cache are asked
    /// before the group. The step has recorded the rule in <see cref="QueryContext.Decision"/> already.
    /// </summary>
    StepResult Invoke(ref QueryContext context);
}
