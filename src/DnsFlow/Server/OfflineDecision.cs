using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Server;

/// <summary>What an <see cref="OfflinePlan"/> would do with a query. A plain value: two are equal when they decide the same by the same rules.</summary>
public readonly record struct OfflineDecision
{
    /// <summary>The verdict on the flow; the rest is empty unless it is <see cref="FlowVerdict.Claim"/>.</summary>
    public FlowVerdict Verdict { get; init; }

    /// <summary>The flow rule's index.</summary>
    public int FlowRule { get; init; }

    /// <summary>What the engine says: answered, dropped, or to be forwarded.</summary>
    public StepResult Result { get; init; }

    /// <summary>The step that decided; null when none did.</summary>
    public string? Step { get; init; }

    /// <summary>The query rule's index; -1 = none.</summary>
    public int Rule { get; init; }

    /// <summary>The index of the upstream group the query goes to; -1 = none.</summary>
    public int Group { get; init; }

    /// <summary>Whether the cache stays out of it.</summary>
    public bool BypassesCache { get; init; }

    /// <summary>How the query would be counted.</summary>
    public QueryOutcome Outcome { get; init; }

    /// <summary>The RCODE of the answer.</summary>
    public ResponseCode ResponseCode { get; init; }
}
