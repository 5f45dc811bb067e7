using System.Buffers.Binary;

namespace DnsFlow.Zones.Transfer;

/// <summary>What a SOA says to secondaries (RFC 1035 section 3.3.13), held within what is sensible.</summary>
/// <param name="Serial">The version.</param>
/// <param name="Refresh">When to ask again after success.</param>
/// <param name="Retry">When to ask again after failure.</param>
/// <param name="Expire">How long the zone is served without success.</param>
internal readonly record struct ZoneTimers(uint Serial, TimeSpan Refresh, TimeSpan Retry, TimeSpan Expire)
{
    /// <summary>Before there is a SOA.</summary>
    public static ZoneTimers None { get; } = new(0, TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(10), TimeSpan.Zero);

    /// <summary>Reads SOA RDATA.</summary>
    public static ZoneTimers Of(ReadOnlySpan<byte> soa)
    {
        var numbers = soa[^20..];
        return new ZoneTimers(
            BinaryPrimitives.ReadUInt32BigEndian(numbers),
            Within(BinaryPrimitives.ReadUInt32BigEndian(numbers[4..]), 30, 86_400),
            Within(BinaryPrimitives.ReadUInt32BigEndian(numbers[8..]), 10, 3_600),
            Within(BinaryPrimitives.ReadUInt32BigEndian(numbers[12..]), 60, 180 * 86_400));
    }

    private static TimeSpan Within(uint seconds, uint least, uint most) => TimeSpan.FromSeconds(Math.Clamp(seconds, least, most));
}
