using System.Buffers.Binary;
using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Lists;

/// <summary>
/// The entries of a list that are names, while it is built. What two lines say alike is kept once, under the first; answers of one name add up. Gives its records
/// away when it is complete.
/// </summary>
internal sealed class NameEntryTable(DetailTable details, long maxBytes, int expected) : IDisposable
{
    private readonly ListRecords _records = new(maxBytes);
    private NameTagTable _tags = new(expected);
    private bool _isComplete;

    /// <summary>How many there are.</summary>
    public int Count => _tags.Count;

    /// <summary>How many octets they take, what finds them counted.</summary>
    public long Bytes => _records.Bytes + NameTagTable.BytesFor(_tags.Count);

    /// <summary>The numbers of labels that names have, as bits of <see cref="NameSuffixes.DepthBit"/>.</summary>
    public ulong Depths { get; private set; }

    /// <summary>Whether what is there says it already, or does now; <paramref name="hash"/> is <see cref="NameSuffixes.Hash"/> of the name. With a reason it is an entry that cannot be kept beside what is there.</summary>
    public bool TryMerge(ReadOnlySpan<byte> name, ulong hash, EntryFlags flags, EntryDetail? detail, int number, uint place, out string? skipReason)
    {
        skipReason = null;
        var probe = _tags.Find(hash);
        while (probe.MoveNext(out var value))
        {
            var record = _records.At(value);
            if (detail is null && TryWiden(record, name, flags, place))
            {
                return true;
            }

            if (ListRecords.Flags(record) != flags || !record[ListRecords.NameOffset(flags)..].StartsWith(name))
            {
                continue;
            }

            if (detail is null || DetailTable.NumberIn(record) == number)
            {
                return true;
            }

            if (details.TryMerge(DetailTable.NumberIn(record), detail, out var merged, out skipReason))
            {
                DetailTable.Write(record[ListRecords.HeadSize..], merged);
                return true;
            }

            if (skipReason is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds an entry; false when there is no room for it.</summary>
    public bool TryAdd(ReadOnlySpan<byte> name, ulong hash, EntryFlags flags, int number, uint place)
    {
        if (!_records.TryAdd(flags, place, number, name, out var record))
        {
            return false;
        }

        Depths |= NameSuffixes.DepthBit(WireName.CountLabels(name));
        if (_tags.Count == _tags.Capacity)
        {
            Grow();
        }

        _tags.Add(hash, record);
        return true;
    }

    /// <summary>Cancels the entries that say exactly this.</summary>
    public void Cancel(ReadOnlySpan<byte> name, EntryFlags flags, string detail)
    {
        var probe = _tags.Find(NameSuffixes.Hash(name));
        while (probe.MoveNext(out var value))
        {
            var record = _records.At(value);
            var known = ListRecords.Flags(record);
            if ((known & ~EntryFlags.HasDetail) == flags && record[ListRecords.NameOffset(known)..].StartsWith(name) && details.TextIn(record) == detail)
            {
                record[0] |= (byte)EntryFlags.Cancelled;
            }
        }
    }

    /// <summary>The records; nothing is added after it, and whoever asked owns them.</summary>
    public ListRecords Complete()
    {
        _isComplete = true;
        _records.Complete();
        return _records;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tags.Dispose();
        if (!_isComplete)
        {
            _records.Dispose();
        }
    }

    /// <summary>A name with what is below it says more than the name alone: lists of both kinds have the same names by the hundred thousand.</summary>
    private static bool TryWiden(Span<byte> record, ReadOnlySpan<byte> name, EntryFlags flags, uint place)
    {
        var known = ListRecords.Flags(record);
        if ((known & ~EntryFlags.ScopeMask) != (flags & ~EntryFlags.ScopeMask) || !record[ListRecords.HeadSize..].StartsWith(name))
        {
            return false;
        }

        if ((flags & EntryFlags.ScopeMask) == (EntryFlags)NameScope.AtAndBelow && (known & EntryFlags.ScopeMask) != (EntryFlags)NameScope.AtAndBelow)
        {
            record[0] = (byte)flags;
            BinaryPrimitives.WriteUInt32LittleEndian(record[1..], place);
            return true;
        }

        return (known & EntryFlags.ScopeMask) is (EntryFlags)NameScope.AtAndBelow || known == flags;
    }

    private void Grow()
    {
        var tags = new NameTagTable(_tags.Capacity * 2);
        _records.ForEachName((name, record) =>
        {
            if (tags.Count < _tags.Count)
            {
                tags.Add(NameSuffixes.Hash(name), record);
            }
        });
        _tags.Dispose();
        _tags = tags;
    }
}
