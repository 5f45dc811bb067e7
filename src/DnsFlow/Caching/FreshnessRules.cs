using DnsFlow.Limits;

namespace DnsFlow.Caching;

/// <summary>What becomes of responses around the end of their time, as the cache goes by it. Times are in microseconds unless they say otherwise.</summary>
internal readonly record struct FreshnessRules
{
    private const byte Never = byte.MaxValue;

    /// <summary>Takes the rules from options.</summary>
    public FreshnessRules(CacheOptions options)
    {
        var stale = options.Stale;
        StaleWindow = stale.Mode == StaleMode.Off ? 0 : Microseconds(stale.MaxAge);
        AnswerAfter = stale.Mode == StaleMode.VerifyFirst ? Microseconds(stale.AnswerAfter) : long.MaxValue;
        StaleTtl = (uint)stale.Ttl.TotalSeconds;
        RecheckAfter = (uint)Math.Ceiling(stale.RecheckAfter.TotalSeconds);
        PrefetchHits = options.Prefetch ? (byte)options.PrefetchHits : Never;
        PrefetchFrom = (long)(MonotonicClock.Second * (1 - options.PrefetchShare));
    }

    /// <summary>How long after its time a response may be given; 0 = never.</summary>
    public long StaleWindow { get; }

    /// <summary>How long a client waits for upstreams before it gets what is stale; <see cref="long.MaxValue"/> = until they failed.</summary>
    public long AnswerAfter { get; }

    /// <summary>The TTL of what is stale in seconds.</summary>
    public uint StaleTtl { get; }

    /// <summary>For how many seconds a failure is remembered when there was something stale to give.</summary>
    public uint RecheckAfter { get; }

    /// <summary>The mark that makes a response popular; above every mark when nothing is asked for ahead of time.</summary>
    public byte PrefetchHits { get; }

    /// <summary>The age, for each second of its lifetime, from which a popular response is asked for again.</summary>
    public long PrefetchFrom { get; }

    /// <summary>Whether anything may be given after its time.</summary>
    public bool GivesStale => StaleWindow > 0;

    /// <summary>
    /// Whether a response may be given, in its time or after it. One without a lifetime never: it is only kept to say that what was known before is
    /// known to be wrong.
    /// </summary>
    public bool MayGive(in EntryHeader header, long now) =>
        header.Lifetime > 0 && (header.Flags & EntryFlags.Failure) == 0 && GivenFor(header, now) > 0;

    /// <summary>How much longer a response may be given, in its time or after it.</summary>
    public long GivenFor(in EntryHeader header, long now) => (header.Lifetime * MonotonicClock.Second) + StaleWindow - header.Age(now);

    /// <summary>Whether the end of a response's time is so near that a popular one is asked for again.</summary>
    public bool IsNearEnd(in EntryHeader header, long now) => header.Age(now) >= header.Lifetime * PrefetchFrom;

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
