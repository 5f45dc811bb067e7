using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Policy.Actions;

/// <summary>Records of one owner, the asked name, encoded once: each type's records ready to be copied behind a question.</summary>
internal sealed class RecordSets(uint ttl)
{
    /// <summary>The most octets of one type, or of all types together: what surely fits a message of 65,535 beside the question and OPT.</summary>
    public const int MaxBytes = 65_000;

    private readonly List<RecordSet> _sets = [];

    /// <summary>All records, for QTYPE ANY.</summary>
    public RecordSet All { get; private set; } = new(RecordType.ANY, 0, []);

    /// <summary>Adds a record; false when there would be more than <see cref="MaxBytes"/>.</summary>
    public bool Add(RecordType type, ReadOnlySpan<byte> rdata)
    {
        var record = new byte[12 + rdata.Length];
        BinaryPrimitives.WriteUInt16BigEndian(record, 0xC000 | DnsHeader.Size);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(2), (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(4), (ushort)RecordClass.IN);
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(6), ttl);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(10), (ushort)rdata.Length);
        rdata.CopyTo(record.AsSpan(12));
        if (All.Records.Length + record.Length > MaxBytes)
        {
            return false;
        }

        All = All.With(record);
        var index = _sets.FindIndex(set => set.Type == type);
        if (index < 0)
        {
            _sets.Add(new RecordSet(type, 1, record));
        }
        else
        {
            _sets[index] = _sets[index].With(record);
        }

        return true;
    }

    /// <summary>The records that answer a question of this type: its own, or the CNAME; null when there are none.</summary>
    public RecordSet? Find(RecordType type)
    {
        if (type == RecordType.ANY)
        {
            return All;
        }

        foreach (var set in _sets)
        {
            if (set.Type == type || set.Type == RecordType.CNAME)
            {
                return set;
            }
        }

        return null;
    }

    /// <summary>Whether records of this type are there.</summary>
    public bool Has(RecordType type) => _sets.Exists(set => set.Type == type);

    /// <summary>How many types there are.</summary>
    public int Types => _sets.Count;
}
