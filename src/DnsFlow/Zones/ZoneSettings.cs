using DnsFlow.Protocol;
using DnsFlow.Settings;

namespace DnsFlow.Zones;

/// <summary>How <see cref="ZoneOptions"/> are read.</summary>
internal static class ZoneSettings
{
    private static readonly SettingsKind<string> Origin = new(
        "a name", "home.arpa", static (string text, out string value) => DomainName.TryParse(value = text, DomainName.Root, out _, out _))
    {
        Explain = static text => DomainName.TryParse(text, DomainName.Root, out _, out var error) ? null : error,
    };

    private static readonly SettingsKind<string> Primary = new(
        "the address of a primary", "192.0.2.1, 192.0.2.1:53, [2001:db8::1]:53",
        static (string text, out string value) => EndpointText.TryParse(value = text, out var endpoint, out _) && endpoint.Scheme.Length == 0 && endpoint.Port > 0)
    {
        Explain = static text => EndpointText.TryParse(text, out var endpoint, out var error)
            ? endpoint.Scheme.Length > 0 ? "a scheme is not needed: zones are transferred by TCP" : null
            : error,
    };

    /// <summary>The keys of <c>DnsFlow:Zones:NAME</c>.</summary>
    public static SettingsShape<ZoneOptions> Shape { get; } = new SettingsShape<ZoneOptions>("A zone file, a hosts file or a zone that is transferred.")
        .Value("Origin", Origin, static (o, v) => o.Origin = v, "The apex of the zone; without it the file says it.")
        .Value("File", SettingsKinds.Text, static (o, v) => o.File = v, "A master file (RFC 1035 section 5).")
        .Value("HostsFile", SettingsKinds.Text, static (o, v) => o.HostsFile = v, "A hosts file: lines of an address and names.")
        .List("Primaries", Primary, static (o, v) => o.Primaries = v, "Whom the zone is transferred from, in this order.")
        .Value("TsigKeyFile", SettingsKinds.Text, static (o, v) => o.TsigKeyFile = v, "The file with the key that transfers are signed with.")
        .Value("MaxBytes", SettingsKinds.Size(64 << 10, 1 << 30), static (o, v) => o.MaxBytes = v, "The most octets of one transfer.")
        .Value("Reverse", SettingsKinds.Boolean, static (o, v) => o.Reverse = v, "Whether addresses are answered in reverse too (PTR).")
        .Value("MaxRecords", SettingsKinds.Integer(1, ZoneOptions.HighestMaxRecords), static (o, v) => o.MaxRecords = v, "The most records of the zone.");

    /// <summary>What does not fit together in options that are right one by one: the key, empty for the zone itself, and why.</summary>
    public static IEnumerable<(string Key, string Problem)> Problems(ZoneOptions zone)
    {
        var hasPrimaries = zone.Primaries.Count > 0;
        if (!hasPrimaries && zone.File is null == zone.HostsFile is null)
        {
            yield return ("", "has either File or HostsFile or Primaries");
        }
        else if (hasPrimaries && zone.HostsFile is not null)
        {
            yield return ("HostsFile", "does not go with Primaries");
        }
        else if (hasPrimaries && zone.Origin is null)
        {
            yield return ("Origin", "is missing; it says which zone the primaries are asked for");
        }
        else if (zone is { HostsFile: not null, Origin: not null })
        {
            yield return ("Origin", "is for zone files; a hosts file has none");
        }

        if (!hasPrimaries && zone.TsigKeyFile is not null)
        {
            yield return ("TsigKeyFile", "is for zones with Primaries");
        }

        if (hasPrimaries && zone.Reverse == true)
        {
            yield return ("Reverse", "is for zone files and hosts files; a zone of a primary is served as it is");
        }
    }
}
