using DnsFlow.Protocol;

namespace DnsFlow.Zones.Transfer;

/// <summary>A version of a zone as a primary gave it.</summary>
/// <param name="Zone">Ready to answer.</param>
/// <param name="Timers">What its SOA says.</param>
/// <param name="Records">Its records, the SOA once and first.</param>
internal sealed record TransferredZone(Zone Zone, ZoneTimers Timers, IReadOnlyList<ZoneRecord> Records)
{
    /// <summary>
    /// Compiles records. A primary's zone is not checked as a file of one's own: what it lets pass is served as it is. It needs a SOA at its apex; what lies
    /// outside of it is passed over.
    /// </summary>
    public static TransferredZone? Build(SecondarySettings settings, IReadOnlyList<ZoneRecord> records, ulong seed, out string? error)
    {
        var builder = new ZoneBuilder(settings.Apex, seed);
        ZoneRecord? soa = null;
        foreach (var record in records)
        {
            if (WireName.IsAtOrBelow(record.Owner, settings.Apex) && (record.Type != RecordType.SOA || (soa is null && record.Owner.Length == settings.Apex.Length)))
            {
                soa = record.Type == RecordType.SOA ? record : soa;
                builder.Add(record);
            }
        }

        error = null;
        if (soa is not { Data.Length: >= 22 } first)
        {
            error = "the zone has no SOA at its apex";
            return null;
        }

        var errors = new ZoneErrors();
        var zone = builder.Compile(errors, settings.Name);
        error = errors.Any ? errors.Items[0].Message : null;
        return zone is null ? null : new TransferredZone(zone, ZoneTimers.Of(first.Data), records);
    }
}
