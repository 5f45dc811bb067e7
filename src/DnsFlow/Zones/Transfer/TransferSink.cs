using DnsFlow.Protocol;

namespace DnsFlow.Zones.Transfer;

/// <summary>
/// Puts the records of a transfer together: the whole zone between two SOA records (RFC 5936 section 2.2), or the SOA, the steps each as old SOA, what goes,
/// new SOA, what comes, and the SOA again (RFC 1995 section 4).
/// </summary>
/// <param name="settings">The zone.</param>
/// <param name="current">The version to change, for an incremental transfer; null for a whole one.</param>
internal sealed class TransferSink(SecondarySettings settings, IReadOnlyList<ZoneRecord>? current)
{
    private readonly List<ZoneRecord> _whole = [];
    private ZoneDifference? _difference;
    private ZoneRecord? _soa;
    private uint _serial;
    private bool _isAdding;
    private int _count;
    private long _memory;

    /// <summary>Whether the transfer has come to its end.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether only what changed was transferred.</summary>
    public bool IsIncremental => _difference is not null;

    /// <summary>The new version, the SOA first.</summary>
    public IReadOnlyList<ZoneRecord> Result => _difference?.ToList() ?? _whole;

    /// <summary>Takes the next record. Throws <see cref="TransferException"/>.</summary>
    public void Add(ZoneRecord record)
    {
        if (IsComplete)
        {
            throw new TransferException("there are records behind the end of the transfer", isOfIncrement: current is not null);
        }

        // An increment may take away and add: twice as many records pass as the zone may have.
        if (++_count > 2L * settings.MaxRecords)
        {
            throw new TransferException(ZoneFileReader.TooManyRecords(settings.MaxRecords));
        }

        _memory += ZoneMemory.Of(record);
        if (_memory > settings.MaxMemory)
        {
            throw new TransferException(ZoneMemory.Full(settings.MaxMemory), isOfMemory: true);
        }

        var isSoa = record.Type == RecordType.SOA && record.Owner.AsSpan().SequenceEqual(settings.Apex);
        if (_soa is null)
        {
            Begin(record, isSoa);
        }
        else if (_count == 2 && isSoa && current is not null && Serial(record) != Serial(_soa.Value))
        {
            _difference = new ZoneDifference(current);
            _serial = Serial(record);
            if (_serial != Serial(current[0]))
            {
                throw new TransferException("the incremental transfer begins with another version", isOfIncrement: true);
            }

            _difference.Remove(record);
        }
        else if (_difference is not null)
        {
            Change(record, isSoa);
        }
        else if (isSoa)
        {
            IsComplete = true;
        }
        else if (_whole.Count >= settings.MaxRecords)
        {
            throw new TransferException(ZoneFileReader.TooManyRecords(settings.MaxRecords));
        }
        else
        {
            _whole.Add(record);
        }
    }

    private void Begin(in ZoneRecord record, bool isSoa)
    {
        if (!isSoa)
        {
            throw new TransferException("the transfer does not begin with the SOA", isOfIncrement: current is not null);
        }

        _soa = record;
        _whole.Add(record);
    }

    private void Change(in ZoneRecord record, bool isSoa)
    {
        if (!isSoa)
        {
            if (_isAdding)
            {
                _difference!.Add(record, settings.MaxRecords);
            }
            else
            {
                _difference!.Remove(record);
            }

            return;
        }

        if (_isAdding && Serial(record) == Serial(_soa!.Value) && _serial == Serial(record))
        {
            IsComplete = true;
            return;
        }

        _isAdding = !_isAdding;
        if (_isAdding)
        {
            _serial = Serial(record);
            _difference!.Add(record, settings.MaxRecords);
        }
        else
        {
            _difference!.Remove(record);
        }
    }

    private static uint Serial(in ZoneRecord soa) => ZoneTimers.Of(soa.Data).Serial;
}
