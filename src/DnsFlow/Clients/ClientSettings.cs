using DnsFlow.Settings;

namespace DnsFlow.Clients;

/// <summary>How sets of clients are read.</summary>
internal static class ClientSettings
{
    /// <summary>Addresses: one, a network or a range.</summary>
    public static SettingsKind<AddressRange> Range { get; } = new(
        "an address, network or range", "192.168.1.9, 192.168.0.0/16, fd00::/8 or 192.168.1.40-192.168.1.49",
        static (string text, out AddressRange range) => AddressRange.TryParse(text, out range, out _))
    {
        Explain = static text => AddressRange.TryParse(text, out _, out var error) ? null : error,
    };

    /// <summary>A client as rules name it.</summary>
    public static SettingsKind<ClientReference> Reference { get; } = new(
        "a client", "the name of a set of Clients, 192.168.1.9, 192.168.0.0/16, 192.168.1.40-192.168.1.49 or 02:42:ac:11:00:02",
        static (string text, out ClientReference reference) => ClientReference.TryParse(text, out reference, out _))
    {
        Explain = static text => ClientReference.TryParse(text, out _, out var error) ? null : error,
    };

    private static readonly SettingsKind<HardwareAddress> Mac = new(
        "a hardware address", "02:42:ac:11:00:02", static (string text, out HardwareAddress address) => HardwareAddress.TryParse(text, out address));

    /// <summary>The keys of <c>DnsFlow:Clients:NAME</c>.</summary>
    public static SettingsShape<ClientSetOptions> Shape { get; } = new SettingsShape<ClientSetOptions>("Clients that rules mean together.")
        .List("Addresses", Range, static (o, v) => o.Addresses = v, "Their addresses, networks and ranges.")
        .List("Macs", Mac, static (o, v) => o.Macs = v, "Their hardware addresses; known of clients on the same link only, on Linux.")
        .Later("Processes", "Users");
}
