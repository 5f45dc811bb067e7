using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// One RRset as it goes into a response: whole records, each owned by a compression pointer to the question's name (offset 12),
/// names in the data not compressed. Immutable.
/// </summary>
internal sealed class ZoneRRset
{
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

    /// <summary>The RRSIG records of this RRset (RFC 4034 section 3); null when it is not signed. Set once, while the zone is built.</summary>
    public ZoneRRset? Signatures { get; set; }

    /// <summary>The records in wire form.</summary>
    public byte[] Octets { get; }

    /// <summary>How many records there are.</summary>
    public int Count { get; }

    /// <summary>The data of the first record: for CNAME, DNAME and SOA, the only one.</summary>
    public ReadOnlySpan<byte> FirstData => Octets.AsSpan(FixedLength, BinaryPrimitives.ReadUInt16BigEndian(Octets.AsSpan(10)));

    /// <summary>The TTL in seconds.</summary>
    public uint Ttl => BinaryPrimitives.ReadUInt32BigEndian(Octets.AsSpan(6));

    /// <summary>How many octets it takes, its signatures included.</summary>
    public long Bytes => ZoneMemory.OfObject(3) + ZoneMemory.OfArray(Octets.Length) + (Signatures?.Bytes ?? 0);

    /// <summary>The same records with another TTL, without signatures.</summary>
    public ZoneRRset WithTtl(uint ttl)
    {
        var set = new ZoneRRset(Type, [.. Octets], Count);
        for (var rest = set.Octets.AsSpan(); rest.Length > 0; rest = rest[LengthOfFirst(rest)..])
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest[6..], ttl);
        }

        return set;
    }

    /// <summary>The octets of the first of some records.</summary>
    public static int LengthOfFirst(ReadOnlySpan<byte> records) => FixedLength + BinaryPrimitives.ReadUInt16BigEndian(records[10..]);

    /// <summary>Encodes an RRset.</summary>
    public static ZoneRRset Encode(RecordType type, uint ttl, IReadOnlyList<byte[]> data)
    {
        var octets = new byte[data.Sum(d => d.Length + FixedLength)];
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
