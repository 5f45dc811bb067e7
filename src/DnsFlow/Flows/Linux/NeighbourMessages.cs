using System.Net;
using System.Runtime.InteropServices;

namespace DnsFlow.Flows.Linux;

/// <summary>Reads rtnetlink's messages about neighbours (rtnetlink(7)). Believes nothing: every length is checked.</summary>
internal static class NeighbourMessages
{
    private const int HeaderSize = 16;
    private const int BodySize = 12;
    private const int AttributeSize = 4;
    private const ushort Error = 2;
    private const ushort Done = 3;
    private const ushort NewNeighbour = 28;
    private const ushort Destination = 1;
    private const ushort LinkAddress = 2;
    private const ushort Incomplete = 0x01;
    private const ushort Failed = 0x20;

    /// <summary>Adds the neighbours of one datagram to <paramref name="found"/>. Returns whether it was the last one.</summary>
    public static bool Parse(ReadOnlySpan<byte> datagram, List<(IPAddress Address, byte[] Link)> found)
    {
        while (datagram.Length >= HeaderSize)
        {
            var length = MemoryMarshal.Read<int>(datagram);
            var type = MemoryMarshal.Read<ushort>(datagram[4..]);
            if (length < HeaderSize || length > datagram.Length || type is Error or Done)
            {
                return true;
            }

            if (type == NewNeighbour && length >= HeaderSize + BodySize)
            {
                Add(datagram[HeaderSize..length], found);
            }

            datagram = datagram[Math.Min(datagram.Length, (length + 3) & ~3)..];
        }

        return false;
    }

    private static void Add(ReadOnlySpan<byte> body, List<(IPAddress Address, byte[] Link)> found)
    {
        var state = MemoryMarshal.Read<ushort>(body[8..]);
        var attributes = body[BodySize..];
        ReadOnlySpan<byte> address = default;
        ReadOnlySpan<byte> link = default;
        while (attributes.Length >= AttributeSize)
        {
            var length = MemoryMarshal.Read<ushort>(attributes);
            if (length < AttributeSize || length > attributes.Length)
            {
                break;
            }

            switch (MemoryMarshal.Read<ushort>(attributes[2..]))
            {
                case Destination:
                    address = attributes[AttributeSize..length];
                    break;
                case LinkAddress:
                    link = attributes[AttributeSize..length];
                    break;
            }

            attributes = attributes[Math.Min(attributes.Length, (length + 3) & ~3)..];
        }

        if (address.Length is 4 or 16 && link.Length == 6 && (state & (Incomplete | Failed)) == 0)
        {
            found.Add((new IPAddress(address), link.ToArray()));
        }
    }
}
