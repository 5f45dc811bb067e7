using DnsFlow.Settings;

namespace DnsFlow.Caching;

/// <summary>How <see cref="CacheOptions"/> are read.</summary>
internal static class CacheSettings
{
    private static readonly SettingsKind<TimeSpan> UpToOneWeek = SettingsKinds.Duration(TimeSpan.Zero, TimeSpan.FromDays(7));

    private static readonly SettingsKind<double> UpToHalf = new("a percentage", "0% to 50%", QuantityText.TryParsePercentage)
    {
        Check = static value => value is < 0 or > 0.5 ? "is not between 0% and 50%" : null,
    };

    private static readonly SettingsKind<StaleMode> Mode = SettingsKinds.Choice(
        "a mode", ("off", StaleMode.Off), ("onFailure", StaleMode.OnFailure), ("verifyFirst", StaleMode.VerifyFirst));

    private static readonly SettingsShape<StaleOptions> Stale = new SettingsShape<StaleOptions>("Responses given after their time, when upstreams do not answer (RFC 8767).")
        .Value("Mode", Mode, static (o, v) => o.Mode = v, "When: off (never), onFailure (nothing usable came) or verifyFirst (also after AnswerAfter; upstreams are waited for all the same).")
        .Value("AnswerAfter", SettingsKinds.Duration(TimeSpan.Zero, TimeSpan.FromSeconds(10)), static (o, v) => o.AnswerAfter = v, "With verifyFirst: how long a client waits for upstreams.")
        .Value("MaxAge", SettingsKinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)), static (o, v) => o.MaxAge = v, "How long after the end of its time a response may be given.")
        .Value("Ttl", SettingsKinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), static (o, v) => o.Ttl = v, "The TTL that clients see.")
        .Value("RecheckAfter", SettingsKinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)), static (o, v) => o.RecheckAfter = v, "How long after a failure upstreams are not asked again.");

    /// <summary>The keys of <c>DnsFlow:Cache</c>.</summary>
    public static SettingsShape<CacheOptions> Shape { get; } = new SettingsShape<CacheOptions>("The response cache.")
        .Value("MaxBytes", SettingsKinds.Size(0, 64L << 30), static (o, v) => o.MaxBytes = v, "The most octets the cache holds, its tables counted; 0 = no cache.")
        .Value("MaxEntries", SettingsKinds.Integer(0, int.MaxValue), static (o, v) => o.MaxEntries = v, "The most entries, beside MaxBytes; 0 = no extra bound.")
        .Value("MinTtl", SettingsKinds.Duration(TimeSpan.Zero, TimeSpan.FromHours(1)), static (o, v) => o.MinTtl = v, "TTLs below are raised to this.")
        .Value("MaxTtl", UpToOneWeek, static (o, v) => o.MaxTtl = v, "TTLs above are cut to this.")
        .Value("NegativeMaxTtl", UpToOneWeek, static (o, v) => o.NegativeMaxTtl = v, "The longest life of a negative response (RFC 2308 section 5).")
        .Value("Prefetch", SettingsKinds.Boolean, static (o, v) => o.Prefetch = v, "Whether popular responses are asked for again before their time is over.")
        .Value("PrefetchHits", SettingsKinds.Integer(1, CacheSlot.MaxMark), static (o, v) => o.PrefetchHits = v, "How often a response was hit lately that counts as popular.")
        .Value("PrefetchShare", UpToHalf, static (o, v) => o.PrefetchShare = v, "The share of its lifetime that is left then.")
        .Value("File", SettingsKinds.Text, static (o, v) => o.File = v, "The file that keeps the cache between a stop and the next start; unset: it begins empty.")
        .Object("Stale", Stale, static o => o.Stale);
}
