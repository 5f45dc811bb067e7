using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>Where one resource record lies in a message of at most 65,535 octets, and its fixed fields.</summary>
/// <param name="Owner">The offset of the owner name.</param>
/// <param name="Fixed">The offset of TYPE, behind the owner name.</param>
/// <param name="Type">TYPE.</param>
/// <param name="Class">CLASS.</param>
/// <param name="Ttl">TTL.</param>
/// <param name="DataLength">RDLENGTH.</param>
internal readonly record struct RecordPlace(ushort Owner, ushort Fixed, RecordType Type, RecordClass Class, uint Ttl, ushort DataLength)
{
    /// <summary>The size of TYPE, CLASS, TTL and RDLENGTH.</summary>
    public const int FixedSize = 10;

    /// <summary>The offset of the TTL.</summary>
    public int TtlOffset => Fixed + 4;

    /// <summary>The offset of RDATA.</summary>
    public int Data => Fixed + FixedSize;

    /// <summary>The offset behind the record.</summary>
    public int End => Data + DataLength;

    /// <summary>Reads the record at <paramref name="position"/>; false when it is cut or its owner is no name.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, int position, out RecordPlace record)
    {
        record = default;
        var at = WireName.Skip(message, position);
        if (at < 0 || at + FixedSize > message.Length)
        {
            return false;
        }

        var fields = message.Slice(at, FixedSize);
        record = new RecordPlace(
            (ushort)position,
            (ushort)at,
            (RecordType)BinaryPrimitives.ReadUInt16BigEndian(fields),
            (RecordClass)BinaryPrimitives.ReadUInt16BigEndian(fields[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(fields[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(fields[8..]));
        return record.End <= message.Length;
    }
}
