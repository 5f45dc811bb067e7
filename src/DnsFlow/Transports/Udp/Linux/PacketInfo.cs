using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>
/// The control messages IP_PKTINFO and IPV6_PKTINFO: which local address a datagram was sent to, and which one a response leaves from.
/// An IPv6 socket reports and takes v4-mapped addresses in the IPv6 form.
/// </summary>
internal static class PacketInfo
{
    /// <summary>Room for every control message one datagram can have; a cut one would cost the source address.</summary>
    public const int BufferSize = 128;

    private const int LevelIPv4 = 0;
    private const int TypeIPv4 = 8;
    private const int DataIPv4 = 12; // int interface, source address, destination address
    private const int LevelIPv6 = 41;
    private const int TypeIPv6 = 50;
    private const int DataIPv6 = 20; // address, int interface

    private static readonly int _word = IntPtr.Size;
    private static readonly int _headerSize = Align(IntPtr.Size + 8);

    /// <summary>Writes the message that makes a datagram leave from <paramref name="local"/>; returns its length.</summary>
    public static int Write(Span<byte> control, in FlowEndpoint local, bool isIPv4Socket)
    {
        if (isIPv4Socket)
        {
            var ipv4 = Begin(control, LevelIPv4, TypeIPv4, DataIPv4);
            BinaryPrimitives.WriteUInt32BigEndian(ipv4[4..], local.IPv4);
            return Align(_headerSize + DataIPv4);
        }

        var ipv6 = Begin(control, LevelIPv6, TypeIPv6, DataIPv6);
        local.WriteIPv6(ipv6);

        // The interface only where the address has no meaning without it: the scope of other endpoints is 0, so routing decides.
        MemoryMarshal.Write(ipv6[16..], local.Scope);
        return Align(_headerSize + DataIPv6);
    }

    /// <summary>Finds the local address among the control messages of a received datagram.</summary>
    public static bool TryRead(ReadOnlySpan<byte> control, ushort port, out FlowEndpoint local)
    {
        while (control.Length >= _headerSize)
        {
            var length = (int)Math.Min(MemoryMarshal.Read<nuint>(control), int.MaxValue);
            if (length < _headerSize || length > control.Length)
            {
                break;
            }

            var level = MemoryMarshal.Read<int>(control[_word..]);
            var type = MemoryMarshal.Read<int>(control[(_word + 4)..]);
            if (TryReadOne(level, type, control[_headerSize..length], port, out local))
            {
                return true;
            }

            control = control[Math.Min(Align(length), control.Length)..];
        }

        local = default;
        return false;
    }

    private static bool TryReadOne(int level, int type, ReadOnlySpan<byte> data, ushort port, out FlowEndpoint local)
    {
        if (level == LevelIPv6 && type == TypeIPv6 && data.Length >= DataIPv6)
        {
            local = FlowEndpoint.FromIPv6(data[..16], MemoryMarshal.Read<uint>(data[16..]), port);
            return true;
        }

        if (level == LevelIPv4 && type == TypeIPv4 && data.Length >= DataIPv4)
        {
            // The source a response must have. It is the destination of a unicast datagram, and an address of ours for a broadcast one.
            local = FlowEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(data[4..]), port);
            return true;
        }

        local = default;
        return false;
    }

    private static Span<byte> Begin(Span<byte> control, int level, int type, int dataLength)
    {
        control[..Align(_headerSize + dataLength)].Clear();
        MemoryMarshal.Write(control, (nuint)(_headerSize + dataLength));
        MemoryMarshal.Write(control[_word..], level);
        MemoryMarshal.Write(control[(_word + 4)..], type);
        return control.Slice(_headerSize, dataLength);
    }

    private static int Align(int length) => (length + IntPtr.Size - 1) & -IntPtr.Size;
}
