using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// Places the records of hosts files: names that lie in a zone of ours become part of it (a CNAME or a delegation there has precedence);
/// the others become names of their own.
/// </summary>
/// <param name="zones">The zones being built, by apex.</param>
/// <param name="seed">The seed of the hash tables.</param>
internal sealed class HostsCompiler(NameTable<ZoneBuilder> zones, ulong seed)
{
    private readonly NameTable<ZoneOwner> _alone = new(seed);

    /// <summary>Places one record.</summary>
    public void Add(in ZoneRecord record)
    {
        if (FindZone(record.Owner) is { } zone && !IsDelegated(zone, record.Owner))
        {
            // What stands in the zone's own file has precedence over a PTR made of an address.
            var owner = zone.Find(record.Owner);
            if (owner?.Has(RecordType.CNAME) != true && !(record.Type == RecordType.PTR && owner?.Has(RecordType.PTR) == true))
            {
                zone.AddOther(record);
            }

            return;
        }

        var alone = _alone.Find(record.Owner);
        if (alone is null)
        {
            alone = new ZoneOwner(record.Owner);
            _alone.TryAdd(record.Owner, alone);
        }

        alone.Records.Add(record);
    }

    /// <summary>Compiles the names outside of the zones; null when there are none.</summary>
    public Zone? Build()
    {
        if (_alone.Count == 0)
        {
            return null;
        }

        var nodes = new NameTable<ZoneNode>(seed);
        foreach (var owner in _alone.Values)
        {
            nodes.TryAdd(owner.Name, owner.Compile(isCut: false, seed));
        }

        return new Zone([0], nodes, ZoneRRset.Encode(RecordType.SOA, HostsFileReader.Ttl, [SyntheticSoa.Data(DomainName.Parse("localhost.").Wire, HostsFileReader.Ttl)]));
    }

    private ZoneBuilder? FindZone(ReadOnlySpan<byte> name)
    {
        while (zones.Find(name) is var zone)
        {
            if (zone is not null || name.Length == 1)
            {
                return zone;
            }

            name = name[(name[0] + 1)..];
        }

        return null;
    }

    private static bool IsDelegated(ZoneBuilder zone, ReadOnlySpan<byte> name) =>
        zone.IsOccluded(name) || (zone.Find(name) is { } owner && zone.IsCut(owner));
}
