namespace DnsFlow.Service.Captures;

/// <summary>An interface of a pcapng section: its link layer and how its clock counts.</summary>
/// <param name="LinkType">The link layer, as <c>LINKTYPE_</c> numbers it.</param>
/// <param name="UnitsPerSecond">The clock's units.</param>
/// <param name="OffsetSeconds">What is added to its seconds.</param>
internal readonly record struct PcapngInterface(int LinkType, double UnitsPerSecond, long OffsetSeconds)
{
    private const ushort Resolution = 9;
    private const ushort Offset = 14;

    /// <summary>Reads an interface description block's body.</summary>
    public static PcapngInterface Read(FileOrder order, ReadOnlySpan<byte> body)
    {
        var result = new PcapngInterface(order.UInt16(body), 1e6, 0);
        for (var options = body[8..]; options.Length >= 4;)
        {
            var code = order.UInt16(options);
            int length = order.UInt16(options[2..]);
            if (code == 0 || 4 + length > options.Length)
            {
                break;
            }

            var value = options.Slice(4, length);
            if (code == Resolution && length >= 1)
            {
                result = result with { UnitsPerSecond = (value[0] & 0x80) != 0 ? Math.Pow(2, value[0] & 0x7F) : Math.Pow(10, value[0]) };
            }
            else if (code == Offset && length >= 8)
            {
                result = result with { OffsetSeconds = order.Int64(value) };
            }

            options = options[Math.Min(options.Length, 4 + ((length + 3) & ~3))..];
        }

        return result;
    }

    /// <summary>The time a count stands for; null when it is beyond the calendar.</summary>
    public DateTimeOffset? Time(ulong units)
    {
        var seconds = units / UnitsPerSecond + OffsetSeconds;
        return seconds is >= 0 and < 253_402_300_800 ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;
    }
}
