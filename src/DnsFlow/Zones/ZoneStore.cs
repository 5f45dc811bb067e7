using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// The zones of a plan. Readers take the table once per query: they take no lock, allocate nothing and see one moment. Whoever has a new version of a zone
/// puts a new table in its place.
/// </summary>
internal sealed class ZoneStore(ZoneTable table)
{
    private readonly Lock _writing = new();
    private volatile ZoneTable _table = table;

    /// <summary>The zones that files alone make, by what they were loaded for.</summary>
    public IReadOnlyDictionary<string, LoadedZone> Files { get; init; } = new Dictionary<string, LoadedZone>();

    /// <summary>The most octets that the zones may take together.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>About how many octets the zones take.</summary>
    public long Bytes => _table.Bytes;

    /// <summary>A store without zones.</summary>
    public static ZoneStore Empty { get; } = new(ZoneTable.Empty);

    /// <summary>The zones at this moment.</summary>
    public ZoneTable Table => _table;

    /// <summary>The zones at this moment, in no order.</summary>
    public IEnumerable<Zone> Zones => _table.Zones;

    /// <summary>How many names of hosts files there are outside of the zones.</summary>
    public int HostCount => _table.HostCount;

    /// <summary>Looks for a name as <see cref="ZoneTable.Find(ReadOnlySpan{byte}, RecordType)"/> does.</summary>
    public ZoneMatch Find(ReadOnlySpan<byte> name, RecordType type) => _table.Find(name, type);

    /// <summary>
    /// Puts another version of a zone in the place of the one with its apex: from the next query on it answers. False when there is no memory for it; the one before stays then, and
    /// <paramref name="left"/> says how much there is for it.
    /// </summary>
    public bool TryReplace(Zone zone, out long left)
    {
        lock (_writing)
        {
            left = MaxBytes - _table.Bytes + (_table.Find(zone.Apex)?.Bytes ?? 0);
            if (zone.Bytes > left)
            {
                return false;
            }

            _table = _table.With(zone);
            return true;
        }
    }

    /// <summary>Takes a zone's data out of service.</summary>
    public void Withdraw(byte[] apex)
    {
        lock (_writing)
        {
            _table = _table.With(Zone.Unavailable(apex));
        }
    }
}
