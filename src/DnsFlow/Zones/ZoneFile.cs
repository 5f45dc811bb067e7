using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>Makes a zone of a master file: finds its apex and collects what lies in it.</summary>
internal static class ZoneFile
{
    /// <summary>
    /// Reads a file. The apex is <paramref name="origin"/> when given; else the owner of the first SOA, where relative names and <c>@</c> are of the name
    /// that the file's own name gives (<c>home.arpa.zone</c> is <c>home.arpa.</c>). Null when <paramref name="errors"/> got something.
    /// </summary>
    public static ZoneBuilder? Read(
        string file, ReadOnlyMemory<byte> content, DomainName? origin, ZoneFolder? folder, ulong seed, ZoneErrors errors,
        int maxRecords = ZoneOptions.DefaultMaxRecords, FileStamp? stamp = null, long maxMemory = long.MaxValue)
    {
        var first = origin ?? OriginOf(file);
        var reader = new ZoneFileReader(folder, errors, maxRecords, maxMemory);
        reader.Read(file, content, first);
        var apex = new byte[first.Length];
        WireName.ToLower(first.Wire, apex);
        if (origin is null && reader.Records.FirstOrDefault(record => record.Type == RecordType.SOA).Owner is { } owner)
        {
            apex = owner;
        }

        var builder = new ZoneBuilder(apex, seed) { Memory = reader.Memory, Files = stamp is { } own ? [own, .. reader.Files] : reader.Files };
        foreach (var record in reader.Records)
        {
            if (WireName.IsAtOrBelow(record.Owner, apex))
            {
                builder.Add(record);
            }
            else
            {
                errors.Add(record, $"'{NameText.Print(record.Owner)}' is not in the zone '{NameText.Print(apex)}'; owners must be at or below it");
            }
        }

        return errors.Any ? null : builder;
    }

    private static DomainName OriginOf(string file)
    {
        var text = Path.GetFileName(file);
        text = text.EndsWith(".zone", StringComparison.OrdinalIgnoreCase) ? text[..^5] : text;
        return DomainName.TryParse(text, out var origin) ? origin : DomainName.Root;
    }
}
