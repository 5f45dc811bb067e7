using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>Who decided about a query, for logs, statistics and <c>explain</c>.</summary>
/// <param name="Step">The step's name; null while nothing was decided.</param>
/// <param name="Rule">The rule's index in the plan; -1 = none.</param>
/// <param name="Error">The extended error the response carries.</param>
public readonly record struct Decision(string? Step, int Rule, ExtendedErrorCode Error)
{
    /// <summary>Nothing decided yet.</summary>
    public static Decision None => new(null, -1, ExtendedErrorCode.None);
}
