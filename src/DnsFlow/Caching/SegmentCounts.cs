using System.Runtime.InteropServices;

namespace DnsFlow.Caching;

/// <summary>
/// What a segment's shard counts, on cache lines of its own: it adds at every query, and the shards that look the same question up in this segment read the rest of it
/// just as often. Written by the shard, read by any thread.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Line + 6 * sizeof(long) + Line)]
internal struct SegmentCounts
{
    private const int Line = 64;

    /// <summary>Queries that were answered.</summary>
    [FieldOffset(Line)]
    public long Hits;

    /// <summary>Queries that were not.</summary>
    [FieldOffset(Line + 8)]
    public long Misses;

    /// <summary>Responses stored.</summary>
    [FieldOffset(Line + 16)]
    public long Inserts;

    /// <summary>Responses not stored: too large, or without room.</summary>
    [FieldOffset(Line + 24)]
    public long Refused;

    /// <summary>Responses asked for ahead of time.</summary>
    [FieldOffset(Line + 32)]
    public long Prefetches;

    /// <summary>Those that a bound kept from being asked for.</summary>
    [FieldOffset(Line + 40)]
    public long PrefetchesRefused;
}
