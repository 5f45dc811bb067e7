using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>All records of one owner while a zone is built.</summary>
internal sealed class ZoneOwner(byte[] name)
{
    /// <summary>The owner in wire form, lower case.</summary>
    public byte[] Name => name;

    /// <summary>Its records in the order of the file.</summary>
    public List<ZoneRecord> Records { get; } = [];

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
    /// Encodes the RRsets. Duplicates are dropped (RFC 2181 section 5); one RRset has one TTL, the lowest that was stated (section 5.2).
    /// </summary>
    public ZoneNode Compile(bool isCut, ulong seed, ZoneErrors errors)
    {
        var sets = new List<ZoneRRset>();
        foreach (var group in Records.GroupBy(record => record.Type))
        {
            var seen = new NameTable<byte[]>(seed);
            var data = group.Select(record => record.Data).Where(d => seen.TryAdd(d, d)).ToList();
            if (ZoneRRset.Encode(group.Key, group.Min(record => record.Ttl), data) is { } set)
            {
                sets.Add(set);
            }
            else
            {
                errors.Add(group.First(), $"the RRset of '{NameText.Print(name)}' takes more than {ZoneRRset.MaxLength:N0} octets and would fit no response");
            }
        }

        return new ZoneNode(sets, isCut);
    }
}
