using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Shards;

/// <summary>What a shard is given: the shared parts and its own.</summary>
internal sealed class ShardServices
{
    /// <summary>The shard's number, from 0; also its cache segment.</summary>
    public required int Index { get; init; }

    /// <summary>Its sockets' kind.</summary>
    public required IDatagramNetwork Network { get; init; }

    /// <summary>The clock of the process.</summary>
    public required MonotonicClock Clock { get; init; }

    /// <summary>The plan, read once per round.</summary>
    public required PlanReference Plan { get; init; }

    /// <summary>The bounds of this shard (its share of the proxy's).</summary>
    public required LimitOptions Limits { get; init; }

    /// <summary>How long to sleep after a round with little to do, in microseconds; 0 = not at all.</summary>
    public int CoalesceMicroseconds { get; init; }

    /// <summary>The cache; this shard writes the segment of its number only.</summary>
    public required ResponseCache Cache { get; init; }

    /// <summary>Tries on where first attempts failed.</summary>
    public required UpstreamResilience Resilience { get; init; }

    /// <summary>Takes queries over that one question does not answer.</summary>
    public required DetourRunner Detours { get; init; }

    /// <summary>The shard's own counters.</summary>
    public required TrafficCounters Counters { get; init; }

    /// <summary>The log; written to outside the path of a query only.</summary>
    public required ILogger Logger { get; init; }
}
