using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// One RRset as it goes into a response: whole records, each owned by a compression pointer to the question's name (offset 12),
/// names in the data not compressed. Immutable.
/// </summary>
internal sealed class ZoneRRset
{
    /// <summary>The most octets an RRset may take, so that it fits a response beside header, question and OPT.</summary>
    public const int MaxLength = ushort.MaxValue - DnsHeader.Size - WireName.MaxLength - 4 - DnsResponses.OptSize;

    /// <summary>Octets of a record before its data when the owner is a pointer.</summary>
    public const int FixedLength = 12;

    private ZoneRRset(RecordType type, byte[] octets, int count)
    {
        Type = type;
        Octets = octets;
        Count = count;
    }

    /// <summary>The type.</summary>
    public RecordType Type { get; }

    /// <summary>The records in wire form.</summary>
    public byte[] Octets { get; }

    /// <summary>How many records there are.</summary>
    public int Count { get; }

    /// <summary>The data of the first record: for CNAME, DNAME and SOA, the only one.</summary>
    public ReadOnlySpan<byte> FirstData => Octets.AsSpan(FixedLength, BinaryPrimitives.ReadUInt16BigEndian(Octets.AsSpan(10)));

    /// <summary>The TTL in seconds.</summary>
    public uint Ttl => BinaryPrimitives.ReadUInt32BigEndian(Octets.AsSpan(6));

    /// <summary>Encodes an RRset, or returns null when it takes more than <see cref="MaxLength"/> octets.</summary>
    public static ZoneRRset? Encode(RecordType type, uint ttl, IReadOnlyList<byte[]> data)
    {
        var length = data.Sum(d => (long)d.Length + FixedLength);
        if (length > MaxLength)
        {
            return null;
        }

        var octets = new byte[length];
        var rest = octets.AsSpan();
        foreach (var rdata in data)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, 0xC000 | DnsHeader.Size);
            BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)type);
            BinaryPrimitives.WriteUInt16BigEndian(rest[4..], (ushort)RecordClass.IN);
            BinaryPrimitives.WriteUInt32BigEndian(rest[6..], ttl);
            BinaryPrimitives.WriteUInt16BigEndian(rest[10..], (ushort)rdata.Length);
            rdata.CopyTo(rest[FixedLength..]);
            rest = rest[(FixedLength + rdata.Length)..];
        }

        return new ZoneRRset(type, octets, data.Count);
    }
}
