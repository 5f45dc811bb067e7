using System.Buffers.Binary;
using System.Net;

namespace DnsFlow.Tests.Service.Captures;

/// <summary>Builds packets and capture files octet by octet.</summary>
internal static class Packets
{
    public static readonly IPAddress Client4 = IPAddress.Parse("192.0.2.7");
    public static readonly IPAddress Server4 = IPAddress.Parse("192.0.2.53");
    public static readonly IPAddress Client6 = IPAddress.Parse("2001:db8::7");
    public static readonly IPAddress Server6 = IPAddress.Parse("2001:db8::53");

    public static byte[] Udp(byte[] payload, ushort from = 40_000, ushort to = 53, int? length = null)
    {
        var segment = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, from);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), to);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(4), (ushort)(length ?? segment.Length));
        payload.CopyTo(segment, 8);
        return segment;
    }

    public static byte[] Tcp(uint sequence, ReadOnlySpan<byte> data, byte flags = 0x18, ushort from = 40_000, ushort to = 53)
    {
        var segment = new byte[24 + data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, from);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), to);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), sequence);
        segment[12] = 6 << 4;       // four octets of options
        segment[13] = flags;
        data.CopyTo(segment.AsSpan(24));
        return segment;
    }

    public static byte[] IPv4(byte[] payload, byte protocol = 17, ushort id = 1, int offset = 0, bool more = false)
    {
        var packet = new byte[20 + payload.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), id);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)((offset / 8) | (more ? 0x2000 : 0)));
        packet[9] = protocol;
        Client4.TryWriteBytes(packet.AsSpan(12), out _);
        Server4.TryWriteBytes(packet.AsSpan(16), out _);
        payload.CopyTo(packet, 20);
        return packet;
    }

    /// <summary>An IPv6 packet; <paramref name="extensions"/> are whole extension headers, the last of which names the protocol.</summary>
    public static byte[] IPv6(byte[] payload, byte protocol = 17, byte[]? extensions = null)
    {
        extensions ??= [];
        var packet = new byte[40 + extensions.Length + payload.Length];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(extensions.Length + payload.Length));
        packet[6] = protocol;
        Client6.TryWriteBytes(packet.AsSpan(8), out _);
        Server6.TryWriteBytes(packet.AsSpan(24), out _);
        extensions.CopyTo(packet, 40);
        payload.CopyTo(packet, 40 + extensions.Length);
        return packet;
    }

    public static byte[] Ethernet(byte[] packet, params ushort[] vlans)
    {
        var header = new List<byte>(new byte[12]);
        foreach (var vlan in vlans)
        {
            header.AddRange([0x81, 0x00, (byte)(vlan >> 8), (byte)vlan]);
        }

        header.AddRange(packet[0] >> 4 == 4 ? [0x08, 0x00] : [0x86, 0xDD]);
        return [.. header, .. packet];
    }

    public static byte[] Pcap(int link, IEnumerable<byte[]> frames, bool bigEndian = false, bool nano = false, uint seconds = 1_700_000_000, uint fraction = 5)
    {
        var file = new MemoryStream();
        void Word(uint value)
        {
            var octets = new byte[4];
            if (bigEndian)
            {
                BinaryPrimitives.WriteUInt32BigEndian(octets, value);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(octets, value);
            }

            file.Write(octets);
        }

        Word(nano ? 0xA1B23C4D : 0xA1B2C3D4);
        Word(bigEndian ? 0x0002_0004u : 0x0004_0002u);
        Word(0);
        Word(0);
        Word(65_535);
        Word((uint)link);
        foreach (var frame in frames)
        {
            Word(seconds);
            Word(fraction);
            Word((uint)frame.Length);
            Word((uint)frame.Length);
            file.Write(frame);
        }

        return file.ToArray();
    }

    /// <summary>One section with one raw IP interface whose clock counts nanoseconds.</summary>
    public static byte[] Pcapng(byte[] packet, ulong nanoseconds)
    {
        byte[] section = [0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0, .. Enumerable.Repeat((byte)0xFF, 8)];
        byte[] description = [101, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0];
        var body = new byte[20 + (packet.Length + 3) / 4 * 4];
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(4), (uint)(nanoseconds >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), (uint)nanoseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(12), (uint)packet.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(16), (uint)packet.Length);
        packet.CopyTo(body, 20);
        return [.. Block(0x0A0D0D0A, section), .. Block(1, description), .. Block(5, new byte[12]), .. Block(6, body)];
    }

    private static byte[] Block(uint type, byte[] body)
    {
        var block = new byte[12 + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(block, type);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(4), (uint)block.Length);
        body.CopyTo(block, 8);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(8 + body.Length), (uint)block.Length);
        return block;
    }
}
