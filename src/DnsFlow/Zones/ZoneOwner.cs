using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>All records of one owner while a zone is built.</summary>
internal sealed class ZoneOwner(byte[] name)
{
    /// <summary>The owner in wire form, lower case.</summary>
    public byte[] Name => name;

    /// <summary>Its records in the order of the file.</summary>
    public List<ZoneRecord> Records { get; } = [];

    /// <summary>Whether it is only the hash of a name (RFC 5155): it has NSEC3 records and nothing but their signatures.</summary>
    public bool IsHash => Has(RecordType.NSEC3) && Records.TrueForAll(static record => record.Type is RecordType.NSEC3 or RecordType.RRSIG);

    /// <summary>Whether it has a record of a type.</summary>
    public bool Has(RecordType type)
    {
        foreach (var record in Records)
        {
            if (record.Type == type)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Encodes the RRsets. Duplicates are dropped (RFC 2181 section 5); one RRset has one TTL, the lowest that was stated (section 5.2). Signatures go with
    /// the RRset that they are of; those of none stay an RRset of their own.
    /// </summary>
    public ZoneNode Compile(bool isCut, ulong seed)
    {
        var sets = new List<ZoneRRset>();
        foreach (var group in Records.Where(record => record.Type != RecordType.RRSIG).GroupBy(record => record.Type))
        {
            sets.Add(Encode([.. group], seed));
        }

        var orphans = new List<ZoneRecord>();
        foreach (var group in Records.Where(record => record.Type == RecordType.RRSIG).GroupBy(CoveredType))
        {
            if (sets.Find(set => set.Type == group.Key) is { } signed)
            {
                signed.Signatures = Encode([.. group], seed);
            }
            else
            {
                orphans.AddRange(group);
            }
        }

        if (orphans.Count > 0)
        {
            sets.Add(Encode(orphans, seed));
        }

        return new ZoneNode(sets, isCut);
    }

    private static RecordType CoveredType(ZoneRecord record) =>
        record.Data.Length < 2 ? RecordType.None : (RecordType)BinaryPrimitives.ReadUInt16BigEndian(record.Data);

    private static ZoneRRset Encode(List<ZoneRecord> records, ulong seed)
    {
        if (records is [var only])
        {
            return ZoneRRset.Encode(only.Type, only.Ttl, [only.Data]);
        }

        var seen = new NameTable<byte[]>(seed);
        return ZoneRRset.Encode(records[0].Type, records.Min(record => record.Ttl), [.. records.Select(record => record.Data).Where(data => seen.TryAdd(data, data))]);
    }
}
