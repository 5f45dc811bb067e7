namespace DnsFlow.Telemetry;

/// <summary>What a <see cref="StatsCollector"/> makes a snapshot of.</summary>
internal sealed record StatsSources
{
    /// <summary>The version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>When counting began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The time of the snapshot.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The number of the configuration in force.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>How often it was exchanged.</summary>
    public ReloadStats Reloads { get; init; }

    /// <summary>The listeners' names, by the index the counters use.</summary>
    public IReadOnlyList<string> Listeners { get; init; } = [];

    /// <summary>One set per shard and the one of the stream plane.</summary>
    public required IReadOnlyList<TrafficCounters> Counters { get; init; }

    /// <summary>Waiting in the hand-over queues; empty when it is not measured.</summary>
    public IReadOnlyList<LatencyHistogram> Queued { get; init; } = [];

    /// <summary>One row per upstream server.</summary>
    public IReadOnlyList<UpstreamStats> Upstreams { get; init; } = [];

    /// <summary>The response cache.</summary>
    public CacheStats Cache { get; init; } = CacheStats.None;

    /// <summary>The rules in force.</summary>
    public IReadOnlyList<RuleStats> Rules { get; init; } = [];

    /// <summary>The queues between threads.</summary>
    public IReadOnlyList<QueueStats> Queues { get; init; } = [];

    /// <summary>One row per list.</summary>
    public IReadOnlyList<ListStats> Lists { get; init; } = [];

    /// <summary>The zones that are transferred.</summary>
    public IReadOnlyList<ZoneStats> Zones { get; init; } = [];

    /// <summary>The memory pools.</summary>
    public MemoryStats Memory { get; init; } = new();
}
