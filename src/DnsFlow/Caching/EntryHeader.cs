using System.Runtime.InteropServices;
using DnsFlow.Limits;

namespace DnsFlow.Caching;

/// <summary>
/// The 32 octets an entry begins with. Behind them lies the message (its question in lower case, which is the key's name), and behind that,
/// on an even offset, the offsets of its TTLs.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EntryHeader
{
    /// <summary>The header's size in octets.</summary>
    public const int Size = 32;

    /// <summary>Where <see cref="Units"/> lies: inside the first unit, so that an end mark fits into the smallest gap.</summary>
    public const int UnitsOffset = 12;

    // Time is kept in steps of 65.5 ms: 32 bits last for eight years of running. Rounding down makes entries older, never younger.
    private const int TimeShift = 16;

    public ulong Hash;
    public uint StoredAt;
    public ushort Units;
    public ushort MessageLength;
    public uint Lifetime;
    public uint Partition;
    public ushort TtlCount;
    public ushort Code;
    public ushort Error;
    public byte NameLength;
    public EntryFlags Flags;

    /// <summary>Where the TTL offsets begin in the entry.</summary>
    public readonly int TtlOffsetsStart => Size + ((MessageLength + 1) & ~1);

    /// <summary>The octets in use.</summary>
    public readonly int Length => TtlOffsetsStart + 2 * TtlCount;

    /// <summary>The time as it is stored.</summary>
    public static uint Stamp(long now) => (uint)(now >> TimeShift);

    /// <summary>Microseconds since the entry was stored; not less than it is.</summary>
    public readonly long Age(long now) => Math.Max(0, now - ((long)StoredAt << TimeShift));

    /// <summary>Whether its time is over.</summary>
    public readonly bool IsExpired(long now) => Age(now) >= Lifetime * MonotonicClock.Second;
}
