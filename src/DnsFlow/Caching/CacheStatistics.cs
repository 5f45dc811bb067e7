namespace DnsFlow.Caching;

/// <summary>What the cache holds and has done; totals only grow.</summary>
/// <param name="Entries">Entries now, expired ones counted until their place is needed.</param>
/// <param name="Bytes">Octets of these entries with their table slots.</param>
/// <param name="CapacityBytes">Octets the cache may take, tables included; never above <see cref="CacheOptions.MaxBytes"/>.</param>
/// <param name="NegativeBytes">Octets taken by negative entries and failures, at most a quarter.</param>
/// <param name="Hits">Queries answered.</param>
/// <param name="Misses">Queries that were not.</param>
/// <param name="Inserts">Responses and failures stored.</param>
/// <param name="Evictions">Entries that went before they were replaced, to make room.</param>
/// <param name="Refused">Responses too large for an entry.</param>
/// <param name="Prefetches">Responses asked for again before their time was over.</param>
/// <param name="PrefetchesRefused">Responses that were to be, but too much else was under way.</param>
public readonly record struct CacheStatistics(
    long Entries, long Bytes, long CapacityBytes, long NegativeBytes, long Hits, long Misses, long Inserts, long Evictions, long Refused,
    long Prefetches, long PrefetchesRefused)
{
    /// <summary>The sum of two.</summary>
    public static CacheStatistics operator +(in CacheStatistics left, in CacheStatistics right) => Add(left, right);

    /// <summary>The sum of two.</summary>
    public static CacheStatistics Add(in CacheStatistics left, in CacheStatistics right) => new(
        left.Entries + right.Entries, left.Bytes + right.Bytes, left.CapacityBytes + right.CapacityBytes,
        left.NegativeBytes + right.NegativeBytes, left.Hits + right.Hits, left.Misses + right.Misses,
        left.Inserts + right.Inserts, left.Evictions + right.Evictions, left.Refused + right.Refused,
        left.Prefetches + right.Prefetches, left.PrefetchesRefused + right.PrefetchesRefused);
}
