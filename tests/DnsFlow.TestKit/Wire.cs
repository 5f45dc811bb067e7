using System.Buffers.Binary;
using System.Net;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.TestKit;

/// <summary>Messages for tests, written by hand, so that no test judges the codec by the codec.</summary>
public static class Wire
{
    /// <summary>A name such as <c>www.example</c> in wire form.</summary>
    public static byte[] Name(string name)
    {
        var wire = new List<byte>();
        foreach (var label in name.TrimEnd('.').Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            wire.Add((byte)label.Length);
            wire.AddRange(Encoding.ASCII.GetBytes(label));
        }

        wire.Add(0);
        return [.. wire];
    }

    /// <summary>A query with RD set; with <paramref name="udpSize"/> above 0 it has an OPT record.</summary>
    public static byte[] Query(string name, RecordType type = RecordType.A, ushort id = 0x1234, int udpSize = 0, bool dnssecOk = false, ushort flags = 0x0100)
    {
        var message = new List<byte>();
        Add(message, id, flags, 1, 0, 0, (ushort)(udpSize > 0 ? 1 : 0));
        message.AddRange(Name(name));
        Add(message, (ushort)type, 1);
        if (udpSize > 0)
        {
            message.Add(0);
            Add(message, (ushort)RecordType.OPT, (ushort)udpSize, 0, (ushort)(dnssecOk ? 0x8000 : 0), 0);
        }

        return [.. message];
    }

    /// <summary>A response to a query with one A record for each address.</summary>
    public static byte[] Answer(ReadOnlySpan<byte> query, uint ttl, params string[] addresses)
    {
        var message = Response(query, 0x8180, (ushort)addresses.Length);
        foreach (var address in addresses)
        {
            Add(message, 0xC00C, 1, 1, (ushort)(ttl >> 16), (ushort)ttl, 4);
            message.AddRange(IPAddress.Parse(address).GetAddressBytes());
        }

        return [.. message];
    }

    /// <summary>A response to a query without records; <paramref name="flags"/> hold RCODE, TC and so on.</summary>
    public static byte[] Empty(ReadOnlySpan<byte> query, ushort flags) => [.. Response(query, flags, 0)];

    /// <summary>The header of a message.</summary>
    public static DnsHeader Header(ReadOnlySpan<byte> message)
        => DnsHeader.TryRead(message, out var header) ? header : throw new ArgumentException("Shorter than a header.", nameof(message));

    /// <summary>The first address of the answer section of a response made by <see cref="Answer"/>; null when there is none.</summary>
    public static string? FirstAddress(ReadOnlySpan<byte> response)
    {
        if (Header(response).AnswerCount == 0)
        {
            return null;
        }

        var record = DnsHeader.Size + WireName.Measure(response, DnsHeader.Size) + 4;
        record = WireName.Skip(response, record);
        var length = BinaryPrimitives.ReadUInt16BigEndian(response[(record + 8)..]);
        return new IPAddress(response.Slice(record + 10, length)).ToString();
    }

    private static List<byte> Response(ReadOnlySpan<byte> query, ushort flags, ushort answers)
    {
        var question = DnsHeader.Size + WireName.Measure(query, DnsHeader.Size) + 4;
        var message = new List<byte>();
        Add(message, BinaryPrimitives.ReadUInt16BigEndian(query), flags, 1, answers, 0, 0);
        message.AddRange(query[DnsHeader.Size..question]);
        return message;
    }

    private static void Add(List<byte> message, params ReadOnlySpan<ushort> words)
    {
        foreach (var word in words)
        {
            message.Add((byte)(word >> 8));
            message.Add((byte)word);
        }
    }
}
