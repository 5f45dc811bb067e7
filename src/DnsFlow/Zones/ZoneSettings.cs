using DnsFlow.Settings;

namespace DnsFlow.Zones;

/// <summary>How <see cref="ZoneOptions"/> are read.</summary>
internal static class ZoneSettings
{
    /// <summary>The keys of <c>DnsFlow:Zones:NAME</c>.</summary>
    public static SettingsShape<ZoneOptions> Shape { get; } = new SettingsShape<ZoneOptions>("A zone answered from here.")
        .Value("Origin", SettingsKinds.Text, static (o, v) => o.Origin = v, "The apex, such as home.arpa, if the file does not say it.")
        .Value("File", SettingsKinds.Text, static (o, v) => o.File = v, "A master file (RFC 1035 section 5).")
        .Value("HostsFile", SettingsKinds.Text, static (o, v) => o.HostsFile = v, "A hosts file: addresses and names.");
}
