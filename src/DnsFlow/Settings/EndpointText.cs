using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace DnsFlow.Settings;

/// <summary>
/// An address as listeners and upstreams are written: <c>127.0.0.1:53</c>, <c>[::1]:53</c>, <c>udp://192.0.2.1</c>, <c>tcp://192.0.2.1:5353</c>; the port is 53
/// unless given.
/// </summary>
/// <param name="Scheme"><c>udp</c>, <c>tcp</c> or empty for both.</param>
/// <param name="Address">The address.</param>
/// <param name="Port">The port, 0 to 65535.</param>
public readonly record struct EndpointText(string Scheme, IPAddress Address, int Port)
{
    /// <summary>The port that DNS has when none is given.</summary>
    public const int DefaultPort = 53;

    /// <summary>Whether UDP is meant.</summary>
    public bool HasUdp => Scheme is "" or "udp";

    /// <summary>Whether TCP is meant.</summary>
    public bool HasTcp => Scheme is "" or "tcp";

    /// <summary>Reads an address; false with the reason when it is none or has a scheme that this version does not speak.</summary>
    public static bool TryParse(string text, out EndpointText endpoint, [NotNullWhen(false)] out string? error)
    {
        endpoint = default;
        var end = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = end < 0 ? "" : text[..end].ToLowerInvariant();
        error = scheme switch
        {
            "" or "udp" or "tcp" => null,
            "tls" or "https" or "quic" or "h3" => $"{scheme}:// is not supported by this version",
            _ => $"'{scheme}' is not a scheme",
        };
        if (error is not null)
        {
            return false;
        }

        var rest = end < 0 ? text : text[(end + 3)..];
        if (!TrySplit(rest, out var host, out var port))
        {
            error = "the port is a number from 0 to 65535, behind an address like 127.0.0.1 or [::1]";
            return false;
        }

        if (!NetworkText.TryParseAddress(host, out var address))
        {
            error = $"'{host}' is not an IP address";
            return false;
        }

        endpoint = new EndpointText(scheme, address, port);
        return true;
    }

    // "[v6]:port", "[v6]", "v4:port", "v4", and a bare IPv6 address, which has more than one colon.
    private static bool TrySplit(string text, out string host, out int port)
    {
        (host, port) = (text, DefaultPort);
        var bracket = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        var colon = text.LastIndexOf(':');
        if (bracket > 0)
        {
            host = text[1..bracket];
            return bracket == text.Length - 1 || (colon == bracket + 1 && TryReadPort(text[(colon + 1)..], out port));
        }

        if (colon < 0 || text.IndexOf(':', StringComparison.Ordinal) != colon)
        {
            return true;
        }

        host = text[..colon];
        return TryReadPort(text[(colon + 1)..], out port);
    }

    private static bool TryReadPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue;
}
