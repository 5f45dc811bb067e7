using System.Globalization;
using System.Net;
using DnsFlow.Service.Configuration;
using DnsFlow.Settings;

namespace DnsFlow.Service.Querying;

/// <summary>Addresses of servers as people write them.</summary>
internal static class ServerAddress
{
    /// <summary>The port of DNS.</summary>
    public const int DnsPort = 53;

    /// <summary>Where the proxy listens by its default configuration.</summary>
    public static IPEndPoint Default { get; } = new(IPAddress.Loopback, 1053);

    /// <summary>Reads <c>127.0.0.1</c>, <c>127.0.0.1:1053</c>, <c>::1</c>, <c>[::1]:1053</c>, with <c>udp://</c> or <c>tcp://</c> before it or not.</summary>
    public static bool TryParse(string text, int defaultPort, out IPEndPoint endpoint)
    {
        endpoint = Default;
        var address = text[(text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0)..];
        var colon = address.LastIndexOf(':');
        var hasPort = colon > 0 && (address[colon - 1] == ']' || address.IndexOf(':') == colon);
        var port = (ushort)defaultPort;
        if (hasPort && (!ushort.TryParse(address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port == 0))
        {
            return false;
        }

        var host = hasPort ? address[..colon] : address;
        if (!IPAddress.TryParse(host is ['[', .. var inner, ']'] ? inner : host, out var parsed))
        {
            return false;
        }

        endpoint = new IPEndPoint(parsed, port);
        return true;
    }

    /// <summary>The first address that the configuration listens on, or the default one.</summary>
    public static IPEndPoint OfConfiguration(LoadedConfiguration configuration)
        => configuration.Options(new SettingsErrors()).Listeners.Values
            .SelectMany(listener => listener.Endpoints)
            .SelectMany(ListenText.Parse)
            .Where(endpoint => endpoint.HasUdp || endpoint.HasTcp)
            .Select(endpoint => Reachable(new IPEndPoint(endpoint.Address, endpoint.Port)))
            .FirstOrDefault() ?? Default;

    private static IPEndPoint Reachable(IPEndPoint endpoint)
        => endpoint.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, endpoint.Port)
            : endpoint.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, endpoint.Port)
            : endpoint;
}
