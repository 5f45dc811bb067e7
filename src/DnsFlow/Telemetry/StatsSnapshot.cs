using System.Text.Json.Serialization;

namespace DnsFlow.Telemetry;

/// <summary>
/// What the proxy counted since the process started, as one document (<c>GET /stats</c>). The sum of <see cref="QueryStats.ByOutcome"/>
/// plus <see cref="QueryStats.InFlight"/> is always <see cref="QueryStats.Total"/>.
/// </summary>
public sealed record StatsSnapshot
{
    /// <summary>The version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>When counting began, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Whole seconds since then.</summary>
    public required long UptimeSeconds { get; init; }

    /// <summary>The number of the configuration in force; 1 at start, one more after each reload.</summary>
    public required int Generation { get; init; }

    /// <summary>How often the configuration was read anew.</summary>
    public ReloadStats Reloads { get; init; }

    /// <summary>What the numbers cover: <c>process</c>, all since start.</summary>
    public string Window { get; init; } = "process";

    /// <summary>The flows.</summary>
    public required FlowStats Flows { get; init; }

    /// <summary>The queries.</summary>
    public required QueryStats Queries { get; init; }

    /// <summary>The upstream servers, one row each.</summary>
    public required IReadOnlyList<UpstreamStats> Upstreams { get; init; }

    /// <summary>The response cache.</summary>
    public required CacheStats Cache { get; init; }

    /// <summary>The lists, one row each.</summary>
    public IReadOnlyList<ListStats> Lists { get; init; } = [];

    /// <summary>The zones that are transferred, one row each.</summary>
    public IReadOnlyList<ZoneStats> Zones { get; init; } = [];

    /// <summary>The bounds and what was refused at them.</summary>
    public required LimitStats Limits { get; init; }

    /// <summary>The rules in force, in their order, those on flows first.</summary>
    public IReadOnlyList<RuleStats> Rules { get; init; } = [];

    /// <summary>The lists and rules that do not match for a while, what ends first in front.</summary>
    public IReadOnlyList<PauseStats> Pauses { get; init; } = [];

    /// <summary>The queues between threads.</summary>
    public IReadOnlyList<QueueStats> Queues { get; init; } = [];

    /// <summary>What was not taken for a query or for an answer, by <see cref="IgnoredReason"/>; not part of the queries.</summary>
    public required IReadOnlyDictionary<string, long> Ignored { get; init; }

    /// <summary>The sums behind this document, with the breakdown by listener that metrics have.</summary>
    [JsonIgnore]
    internal TrafficTotals Totals { get; init; } = TrafficTotals.Empty;

    /// <summary>The listeners' names, by the index that the totals use.</summary>
    [JsonIgnore]
    internal IReadOnlyList<string> Listeners { get; init; } = [];
}
