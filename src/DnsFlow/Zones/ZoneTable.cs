using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// All local zones at one moment, and the single names of hosts files. The zone with the longest apex answers (RFC 1034 section 4.3.2 step 2).
/// Immutable; a lookup allocates nothing, ends at once for a top-level domain without zones, and asks only for suffixes with as many labels as some apex has.
/// </summary>
internal sealed class ZoneTable
{
    private readonly NameTable<Zone> _zones;
    private readonly Zone? _hosts;
    private readonly ulong _depths;
    private readonly ulong _tops;

    /// <summary>Makes a table. <paramref name="hosts"/> holds single names outside of the zones: nothing is known of the names around them.</summary>
    public ZoneTable(NameTable<Zone> zones, Zone? hosts)
    {
        _zones = zones;
        _hosts = hosts;
        Bytes = (hosts?.Bytes ?? 0) + zones.Bytes;
        foreach (var zone in zones.Values)
        {
            Bytes += zone.Bytes;
            _depths |= DepthBit(Top(zone.Apex, 0, out var top));
            _tops |= zone.Apex.Length > 1 ? TopBit(zone.Apex, top) : ulong.MaxValue;
        }
    }

    /// <summary>A table without zones.</summary>
    public static ZoneTable Empty { get; } = new(new NameTable<Zone>(0), null);

    /// <summary>About how many octets the zones take.</summary>
    public long Bytes { get; }

    /// <summary>The zones, in no order.</summary>
    public IEnumerable<Zone> Zones => _zones.Values;

    /// <summary>How many names of hosts files there are outside of the zones.</summary>
    public int HostCount => _hosts?.NameCount ?? 0;

    /// <summary>
    /// Finds what the zones know of a name, which is in wire form and lower case. A DS at an apex is asked of the zone above, as that is
    /// where it lies (RFC 4035 section 3.1.4.1); without one of ours above, it is not ours.
    /// </summary>
    public ZoneMatch Find(ReadOnlySpan<byte> name, RecordType type)
    {
        var start = 0;
        var zone = FindZone(name, ref start);
        if (type == RecordType.DS && zone is { IsDelegated: true } && zone.Apex.Length == name.Length && name.Length > 1)
        {
            start = name[0] + 1;
            zone = FindZone(name, ref start);
        }

        var match = zone?.Find(name, type) ?? ZoneMatch.None;
        return match.Kind is ZoneMatchKind.NotOurs or ZoneMatchKind.Delegated && _hosts?.FindExact(name) is { Kind: ZoneMatchKind.Node } host ? host : match;
    }

    /// <summary>The zone of an apex in wire form and lower case, or null.</summary>
    public Zone? Find(ReadOnlySpan<byte> apex) => _zones.Find(apex);

    /// <summary>The same table with another zone in the place of the one with its apex.</summary>
    public ZoneTable With(Zone zone)
    {
        var zones = _zones.CloneEmpty();
        foreach (var (apex, old) in _zones.Entries)
        {
            zones.TryAdd(apex, zone.Apex.SequenceEqual(apex) ? zone : old);
        }

        return new ZoneTable(zones, _hosts);
    }

    /// <summary>The zone with the longest apex that is a suffix of the name from <paramref name="start"/> on, or null.</summary>
    private Zone? FindZone(ReadOnlySpan<byte> name, ref int start)
    {
        var labels = Top(name, start, out var top);
        if ((_tops & TopBit(name, top)) == 0)
        {
            return null;
        }

        for (var offset = start; ; labels--)
        {
            if ((_depths & DepthBit(labels)) != 0 && _zones.Find(name[offset..]) is { } zone)
            {
                return zone;
            }

            if (labels == 0)
            {
                return null;
            }

            offset += name[offset] + 1;
        }
    }

    /// <summary>How many labels there are from <paramref name="start"/> on; <paramref name="top"/> is where the last of them lies (the root has none).</summary>
    private static int Top(ReadOnlySpan<byte> name, int start, out int top)
    {
        var count = 0;
        top = start;
        for (var position = start; name[position] != 0; position += name[position] + 1)
        {
            top = position;
            count++;
        }

        return count;
    }

    /// <summary>A bit for a top-level domain, by its length and two of its octets. Different ones may share it.</summary>
    private static ulong TopBit(ReadOnlySpan<byte> name, int top)
        => name[top] == 0 ? ulong.MaxValue : 1UL << ((name[top] + (5 * name[top + 1]) + (11 * name[top + name[top]])) & 63);

    private static ulong DepthBit(int labels) => 1UL << Math.Min(labels, 63);
}
