namespace DnsFlow.Queries;

/// <summary>The bounds TTLs are held to, all in seconds.</summary>
/// <param name="Min">TTLs below are raised to this.</param>
/// <param name="Max">TTLs above are cut to this.</param>
/// <param name="NegativeMax">The longest life of a negative response (RFC 2308 section 5).</param>
internal readonly record struct TtlLimits(uint Min, uint Max, uint NegativeMax)
{
    /// <summary>Makes limits of durations, rounded down to seconds and held to 31 bits (RFC 2181 section 8).</summary>
    public static TtlLimits From(TimeSpan min, TimeSpan max, TimeSpan negativeMax) => new(Seconds(min), Seconds(max), Seconds(negativeMax));

    /// <summary>A TTL as received, held to the bounds. One with the top bit set is 0 (RFC 2181 section 8).</summary>
    public uint Clamp(uint ttl) => Math.Min(Math.Max(ttl > int.MaxValue ? 0 : ttl, Min), Max);

    private static uint Seconds(TimeSpan time) => (uint)Math.Clamp(time.TotalSeconds, 0, int.MaxValue);
}
