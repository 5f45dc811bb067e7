using DnsFlow.Protocol;

namespace DnsFlow.Zones.Transfer;

/// <summary>The records of a zone while the steps of an incremental transfer are applied to them (RFC 1995 section 4).</summary>
internal sealed class ZoneDifference
{
    private readonly HashSet<ZoneRecord> _records;

    /// <summary>Begins with a version.</summary>
    public ZoneDifference(IEnumerable<ZoneRecord> records) => _records = new HashSet<ZoneRecord>(records, Same.Instance);

    /// <summary>Removes a record; a record that is not there shows that the versions do not fit.</summary>
    public void Remove(ZoneRecord record)
    {
        if (!_records.Remove(record))
        {
            throw new TransferException("the incremental transfer takes away a record that is not there", isOfIncrement: true);
        }
    }

    /// <summary>Adds a record.</summary>
    public void Add(ZoneRecord record, int most)
    {
        _records.Remove(record);        // the TTL may be another
        _records.Add(record);
        if (_records.Count > most)
        {
            throw new TransferException(ZoneFileReader.TooManyRecords(most));
        }
    }

    /// <summary>The records, the SOA first.</summary>
    public IReadOnlyList<ZoneRecord> ToList() => [.. _records.Where(record => record.Type == RecordType.SOA), .. _records.Where(record => record.Type != RecordType.SOA)];

    /// <summary>Records are the same when owner, type and data are.</summary>
    private sealed class Same : IEqualityComparer<ZoneRecord>
    {
        public static Same Instance { get; } = new();

        public bool Equals(ZoneRecord left, ZoneRecord right) =>
            left.Type == right.Type && left.Owner.AsSpan().SequenceEqual(right.Owner) && left.Data.AsSpan().SequenceEqual(right.Data);

        public int GetHashCode(ZoneRecord record)
        {
            var hash = default(HashCode);
            hash.Add(record.Type);
            hash.AddBytes(record.Owner);
            hash.AddBytes(record.Data);
            return hash.ToHashCode();
        }
    }
}
