using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Zones.Transfer;

/// <summary>The TSIG record at the end of a message (RFC 8945 section 4.2).</summary>
internal sealed class TsigRecord
{
    /// <summary>Where in the message it begins.</summary>
    public required int Start { get; init; }

    /// <summary>The key's name in wire form, lower case.</summary>
    public required byte[] Name { get; init; }

    /// <summary>The algorithm's name in wire form, lower case.</summary>
    public required byte[] Algorithm { get; init; }

    /// <summary>Time signed, seconds since 1970.</summary>
    public required long Time { get; init; }

    /// <summary>How many seconds the clocks may differ.</summary>
    public required ushort Fudge { get; init; }

    /// <summary>The MAC.</summary>
    public required byte[] Mac { get; init; }

    /// <summary>The ID the message had when it was signed.</summary>
    public required ushort OriginalId { get; init; }

    /// <summary>The TSIG error.</summary>
    public required ushort Error { get; init; }

    /// <summary>Other data.</summary>
    public required byte[] Other { get; init; }

    /// <summary>Finds the record. False when the message is malformed or the record is not the last; null with true when there is none.</summary>
    public static bool TryFind(ReadOnlySpan<byte> message, out TsigRecord? record)
    {
        record = null;
        if (!DnsHeader.TryRead(message, out var header))
        {
            return false;
        }

        var position = DnsHeader.Size;
        for (var i = 0; i < header.QuestionCount; i++)
        {
            position = WireName.Skip(message, position) + 4;
            if (position < DnsHeader.Size + 4)
            {
                return false;
            }
        }

        var count = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        for (var i = 1; i <= count; i++)
        {
            var start = position;
            position = WireName.Skip(message, position);
            if (position < 0 || position + 10 > message.Length)
            {
                return false;
            }

            var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[position..]);
            var data = position + 10;
            position = data + BinaryPrimitives.ReadUInt16BigEndian(message[(position + 8)..]);
            if (position > message.Length || (type == RecordType.TSIG && (i < count || header.AdditionalCount == 0 || message[(data - 8)..(data - 2)] is not [0, (byte)RecordClass.ANY, 0, 0, 0, 0]
                    || !TryRead(message, start, data, position, out record))))
            {
                return false;
            }
        }

        return position == message.Length;
    }

    private static bool TryRead(ReadOnlySpan<byte> message, int start, int data, int end, out TsigRecord? record)
    {
        record = null;
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        Span<byte> algorithm = stackalloc byte[WireName.MaxLength];
        var nameLength = WireName.Expand(message, start, name, out _);
        var algorithmLength = WireName.Measure(message[..end], data);
        var rest = algorithmLength < 0 ? default : message[(data + algorithmLength)..end];
        if (nameLength < 0 || rest.Length < 16 || rest.Length < 16 + BinaryPrimitives.ReadUInt16BigEndian(rest[8..]))
        {
            return false;
        }

        var mac = rest.Slice(10, BinaryPrimitives.ReadUInt16BigEndian(rest[8..]));
        var tail = rest[(10 + mac.Length)..];
        if (tail.Length != 6 + BinaryPrimitives.ReadUInt16BigEndian(tail[4..]))
        {
            return false;
        }

        WireName.ToLower(name[..nameLength], name);
        WireName.ToLower(message.Slice(data, algorithmLength), algorithm);
        record = new TsigRecord
        {
            Start = start,
            Name = name[..nameLength].ToArray(),
            Algorithm = algorithm[..algorithmLength].ToArray(),
            Time = ((long)BinaryPrimitives.ReadUInt16BigEndian(rest) << 32) | BinaryPrimitives.ReadUInt32BigEndian(rest[2..]),
            Fudge = BinaryPrimitives.ReadUInt16BigEndian(rest[6..]),
            Mac = mac.ToArray(),
            OriginalId = BinaryPrimitives.ReadUInt16BigEndian(tail),
            Error = BinaryPrimitives.ReadUInt16BigEndian(tail[2..]),
            Other = tail[6..].ToArray(),
        };
        return true;
    }
}
