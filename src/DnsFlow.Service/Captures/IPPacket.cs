using System.Buffers.Binary;
using DnsFlow.Flows;

namespace DnsFlow.Service.Captures;

/// <summary>An IPv4 or IPv6 packet, its extension headers passed over.</summary>
internal readonly ref struct IPPacket
{
    private const int HopByHop = 0;
    private const int Routing = 43;
    private const int Fragment = 44;
    private const int Authentication = 51;
    private const int DestinationOptions = 60;

    /// <summary>The sender; port 0.</summary>
    public FlowEndpoint Source { get; private init; }

    /// <summary>The receiver; port 0.</summary>
    public FlowEndpoint Destination { get; private init; }

    /// <summary>What the payload is: 6 TCP, 17 UDP.</summary>
    public int Protocol { get; private init; }

    /// <summary>Whether this is a part of a packet.</summary>
    public bool IsFragment { get; private init; }

    /// <summary>Which packet it is a part of.</summary>
    public uint FragmentId { get; private init; }

    /// <summary>Where in the packet's payload it belongs, in octets.</summary>
    public int FragmentOffset { get; private init; }

    /// <summary>Whether more parts follow.</summary>
    public bool MoreFragments { get; private init; }

    /// <summary>The payload, as much as was captured.</summary>
    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Reads a packet; false when it is none or its headers are cut.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out IPPacket ip)
    {
        ip = default;
        return !packet.IsEmpty && (packet[0] >> 4) switch
        {
            4 => TryRead4(packet, out ip),
            6 => TryRead6(packet, out ip),
            _ => false,
        };
    }

    private static bool TryRead4(ReadOnlySpan<byte> packet, out IPPacket ip)
    {
        ip = default;
        var header = (packet[0] & 15) * 4;
        if (header < 20 || packet.Length < header)
        {
            return false;
        }

        // 0: left to the network card by the sender.
        int total = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var end = total == 0 ? packet.Length : Math.Min(total, packet.Length);
        var fragment = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]);
        ip = new IPPacket
        {
            Source = FlowEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(packet[12..]), 0),
            Destination = FlowEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(packet[16..]), 0),
            Protocol = packet[9],
            IsFragment = (fragment & 0x3FFF) != 0,
            FragmentId = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]),
            FragmentOffset = (fragment & 0x1FFF) * 8,
            MoreFragments = (fragment & 0x2000) != 0,
            Payload = end > header ? packet[header..end] : default,
        };
        return true;
    }

    private static bool TryRead6(ReadOnlySpan<byte> packet, out IPPacket ip)
    {
        ip = default;
        if (packet.Length < 40)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        var rest = packet[40..Math.Min(packet.Length, length == 0 ? packet.Length : 40 + length)];
        int protocol = packet[6];
        ip = new IPPacket
        {
            Source = FlowEndpoint.FromIPv6(packet[8..24], 0, 0),
            Destination = FlowEndpoint.FromIPv6(packet[24..40], 0, 0),
        };
        return TrySkipExtensions(ref ip, protocol, rest);
    }

    private static bool TrySkipExtensions(ref IPPacket ip, int protocol, ReadOnlySpan<byte> rest)
    {
        while (protocol is HopByHop or Routing or Fragment or Authentication or DestinationOptions)
        {
            if (rest.Length < 8)
            {
                return false;
            }

            if (protocol == Fragment)
            {
                var field = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
                ip = new IPPacket
                {
                    Source = ip.Source,
                    Destination = ip.Destination,
                    IsFragment = (field & 0xFFF9) != 0,
                    FragmentId = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]),
                    FragmentOffset = field & 0xFFF8,
                    MoreFragments = (field & 1) != 0,
                };
            }

            var size = protocol switch { Fragment => 8, Authentication => (rest[1] + 2) * 4, _ => (rest[1] + 1) * 8 };
            protocol = rest[0];
            if (size > rest.Length)
            {
                return false;
            }

            rest = rest[size..];
        }

        ip = new IPPacket
        {
            Source = ip.Source,
            Destination = ip.Destination,
            Protocol = protocol,
            IsFragment = ip.IsFragment,
            FragmentId = ip.FragmentId,
            FragmentOffset = ip.FragmentOffset,
            MoreFragments = ip.MoreFragments,
            Payload = rest,
        };
        return true;
    }
}
