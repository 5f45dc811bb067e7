using DnsFlow.Settings;

namespace DnsFlow.Caching;

/// <summary>How <see cref="CacheOptions"/> are read.</summary>
internal static class CacheSettings
{
    private static readonly SettingsKind<TimeSpan> UpToOneWeek = SettingsKinds.Duration(TimeSpan.Zero, TimeSpan.FromDays(7));

    /// <summary>The keys of <c>DnsFlow:Cache</c>.</summary>
    public static SettingsShape<CacheOptions> Shape { get; } = new SettingsShape<CacheOptions>("The response cache.")
        .Value("MaxBytes", SettingsKinds.Size(0, 64L << 30), static (o, v) => o.MaxBytes = v, "The most octets the cache holds, its tables counted; 0 = no cache.")
        .Value("MaxEntries", SettingsKinds.Integer(0, int.MaxValue), static (o, v) => o.MaxEntries = v, "The most entries, beside MaxBytes; 0 = no extra bound.")
        .Value("MinTtl", SettingsKinds.Duration(TimeSpan.Zero, TimeSpan.FromHours(1)), static (o, v) => o.MinTtl = v, "TTLs below are raised to this.")
        .Value("MaxTtl", UpToOneWeek, static (o, v) => o.MaxTtl = v, "TTLs above are cut to this.")
        .Value("NegativeMaxTtl", UpToOneWeek, static (o, v) => o.NegativeMaxTtl = v, "The longest life of a negative response (RFC 2308 section 5).")
        .Later("Stale", "Prefetch");
}
