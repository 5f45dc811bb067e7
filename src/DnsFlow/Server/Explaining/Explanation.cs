using DnsFlow.Telemetry;

namespace DnsFlow.Server.Explaining;

/// <summary>What would become of a query, and why.</summary>
public sealed record Explanation
{
    /// <summary>The name that is asked.</summary>
    public required string Name { get; init; }

    /// <summary>The type that is asked for.</summary>
    public required string Type { get; init; }

    /// <summary>The client.</summary>
    public required string Client { get; init; }

    /// <summary>The listener.</summary>
    public required string Listener { get; init; }

    /// <summary>The transport.</summary>
    public required string Transport { get; init; }

    /// <summary>The time that schedules went by.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What the flow rules say.</summary>
    public required ExplainedRules Flow { get; init; }

    /// <summary>What the query rules say; null when the flow is not claimed.</summary>
    public ExplainedRules? Query { get; init; }

    /// <summary>What the answer rules say; null when they were not asked: the answer is not here, or is not an upstream's.</summary>
    public ExplainedRules? Answers { get; init; }

    /// <summary>What comes of it: <c>answered</c>, <c>forwarded</c>, <c>detour</c> or <c>dropped</c>; for flows that are not claimed <c>passed</c> or <c>discarded</c>.</summary>
    public required string Result { get; init; }

    /// <summary>The step that answered or dropped: <c>policy</c>, <c>zones</c>, <c>cache</c> ...; null when none did.</summary>
    public string? Step { get; init; }

    /// <summary>The detour it takes, in words; null = none.</summary>
    public string? Detour { get; init; }

    /// <summary>The list and the line that matched, in words; null when no list did.</summary>
    public string? List { get; init; }

    /// <summary>The lists that match nothing for this client, because they are paused.</summary>
    public IReadOnlyList<PauseStats> PausedLists { get; init; } = [];

    /// <summary>The upstream group; null when none was chosen.</summary>
    public string? Group { get; init; }

    /// <summary>The group's servers in the order they would be asked in now, those that are down last.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>
    /// What the cache holds: <c>fresh</c>, <c>stale</c> (its time is over, but it may still be given), <c>absent</c>, or <c>failed</c> (upstreams failed just now, which is answered); <c>not consulted</c> where
    /// the query does not come to it, and <c>not known</c> where a configuration explains and no running proxy.
    /// </summary>
    public required string Cache { get; init; }

    /// <summary>For how many seconds more the cached response is fresh; null when it is not.</summary>
    public long? CacheSeconds { get; init; }

    /// <summary>
    /// Until when the cached response may be given where upstreams do not answer (RFC 8767), its time included; null when there is none, or never.
    /// </summary>
    public DateTimeOffset? StaleUntil { get; init; }

    /// <summary>The response, when it is known without asking anybody.</summary>
    public ExplainedAnswer? Answer { get; init; }

    /// <summary>How the query would be counted and logged: <c>blocked</c>, <c>cached</c> ...; null when that depends on an upstream.</summary>
    public string? Log { get; init; }
}
