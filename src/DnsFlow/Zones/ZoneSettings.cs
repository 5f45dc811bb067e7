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

    /// <summary>The keys of <c>DnsFlow:Zones:NAME</c>.</summary>
    public static SettingsShape<ZoneOptions> Shape { get; } = new SettingsShape<ZoneOptions>("A zone file or a hosts file.")
        .Value("Origin", Origin, static (o, v) => o.Origin = v, "The apex of the zone; without it the file says it.")
        .Value("File", SettingsKinds.Text, static (o, v) => o.File = v, "A master file (RFC 1035 section 5).")
        .Value("HostsFile", SettingsKinds.Text, static (o, v) => o.HostsFile = v, "A hosts file: lines of an address and names.");
}
