using DnsFlow.Queries;

namespace DnsFlow.Caching;

/// <summary>The response cache (<c>DnsFlow:Cache</c>).</summary>
public sealed class CacheOptions
{
    /// <summary>The most octets the cache holds, its tables counted; 0 = no cache. Default 64 MiB.</summary>
    public long MaxBytes { get; set; } = 64 << 20;

    /// <summary>The most entries, beside <see cref="MaxBytes"/>; 0 = no extra bound.</summary>
    public int MaxEntries { get; set; }

    /// <summary>TTLs below are raised to this. Default 0.</summary>
    public TimeSpan MinTtl { get; set; } = TimeSpan.Zero;

    /// <summary>TTLs above are cut to this. Default one day.</summary>
    public TimeSpan MaxTtl { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The longest life of a negative response (RFC 2308 section 5). Default ten minutes.</summary>
    public TimeSpan NegativeMaxTtl { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether popular responses are asked for again before their time is over. Default true.</summary>
    public bool Prefetch { get; set; } = true;

    /// <summary>How often a response was hit lately that counts as popular, 1 to 3. Default 2.</summary>
    public int PrefetchHits { get; set; } = 2;

    /// <summary>The share of its lifetime that is left when a popular response is asked for again, 0 to 0.5. Default a tenth.</summary>
    public double PrefetchShare { get; set; } = 0.1;

    /// <summary>Where the cache is kept between a stop and the next start; null = it is not.</summary>
    public string? File { get; set; }

    /// <summary>Responses that are given after their time.</summary>
    public StaleOptions Stale { get; } = new();

    /// <summary>The bounds of TTLs as the scrubber takes them.</summary>
    internal TtlLimits ToTtlLimits() => TtlLimits.From(MinTtl, MaxTtl, NegativeMaxTtl);
}
