namespace DnsFlow.Telemetry;

/// <summary>The response cache. All 0 when there is none.</summary>
public sealed record CacheStats
{
    /// <summary>No cache.</summary>
    public static CacheStats None { get; } = new();

    /// <summary>Responses held.</summary>
    public long Entries { get; init; }

    /// <summary>Octets in use.</summary>
    public long Bytes { get; init; }

    /// <summary>Octets at most.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Lookups that found a response.</summary>
    public long Hits { get; init; }

    /// <summary>Lookups that found none.</summary>
    public long Misses { get; init; }

    /// <summary>Responses removed before their time, to make room.</summary>
    public long Evictions { get; init; }

    /// <summary>Responses asked for again before their time ended.</summary>
    public long Prefetches { get; init; }

    /// <summary>Responses that were to be asked for again, but too much else was under way.</summary>
    public long PrefetchesRefused { get; init; }
}
