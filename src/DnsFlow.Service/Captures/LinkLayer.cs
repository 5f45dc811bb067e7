using System.Buffers.Binary;

namespace DnsFlow.Service.Captures;

/// <summary>Finds the IP packet in a captured frame. Link types are numbered as in the registry of tcpdump.org.</summary>
internal static class LinkLayer
{
    private const int Null = 0;
    private const int Ethernet = 1;
    private const int Loop = 108;
    private const int Sll = 113;
    private const int Sll2 = 276;
    private const ushort PppoeSession = 0x8864;

    /// <summary>Whether frames of this type can be read.</summary>
    public static bool Knows(int linkType) => linkType is Null or Ethernet or Loop or Sll or Sll2 || IsRaw(linkType);

    /// <summary>The IP packet; empty when the frame carries something else or is cut short.</summary>
    public static ReadOnlySpan<byte> Payload(int linkType, ReadOnlySpan<byte> frame) => linkType switch
    {
        Null or Loop => Rest(frame, 4),
        Ethernet => OfType(frame, 12),
        Sll => OfType(frame, 14),
        Sll2 => frame.Length >= 20 && IsIP(BinaryPrimitives.ReadUInt16BigEndian(frame)) ? frame[20..] : default,
        _ => frame,
    };

    // Raw IP has three numbers of its own, and two more for one family each.
    private static bool IsRaw(int linkType) => linkType is 12 or 14 or 101 or 228 or 229;

    private static bool IsIP(ushort etherType) => etherType is 0x0800 or 0x86DD;

    private static ReadOnlySpan<byte> Rest(ReadOnlySpan<byte> frame, int from) => frame.Length > from ? frame[from..] : default;

    private static ReadOnlySpan<byte> OfType(ReadOnlySpan<byte> frame, int typeAt)
    {
        while (frame.Length >= typeAt + 2)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(frame[typeAt..]);
            if (IsIP(type))
            {
                return Rest(frame, typeAt + 2);
            }

            if (type == PppoeSession)
            {
                return Rest(frame, typeAt + 10);        // six octets of PPPoE, two of PPP
            }

            if (type is not (0x8100 or 0x88A8 or 0x9100))
            {
                return default;
            }

            typeAt += 4;        // a VLAN tag: the type stands behind it
        }

        return default;
    }
}
