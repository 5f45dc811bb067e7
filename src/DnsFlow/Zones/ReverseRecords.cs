using System.Net;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>Makes the PTR records for the addresses of a zone: one for each address, with the first name that has it. Wildcards and glue make none.</summary>
internal static class ReverseRecords
{
    /// <summary>Makes them, in the order of the file.</summary>
    public static IEnumerable<ZoneRecord> Of(ZoneBuilder zone)
    {
        var known = new HashSet<IPAddress>();
        var records = zone.Owners.Where(owner => !IsLeftOut(zone, owner))
            .SelectMany(owner => owner.Records)
            .Where(record => record.Type is RecordType.A or RecordType.AAAA)
            .OrderBy(record => record.File, StringComparer.Ordinal).ThenBy(record => record.Line);
        foreach (var record in records)
        {
            var address = new IPAddress(record.Data);
            if (known.Add(address))
            {
                yield return record with { Owner = ReverseName.Of(address), Type = RecordType.PTR, Data = record.Owner };
            }
        }
    }

    private static bool IsLeftOut(ZoneBuilder zone, ZoneOwner owner) =>
        (owner.Name[0] == 1 && owner.Name[1] == '*') || zone.IsCut(owner) || zone.IsOccluded(owner.Name);
}
