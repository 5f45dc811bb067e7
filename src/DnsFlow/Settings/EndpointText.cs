using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace DnsFlow.Settings;

/// <summary>
/// An address as listeners and upstreams are written: <c>127.0.0.1:53</c>, <c>[::1]:53</c>, <c>udp://192.0.2.1</c>, <c>tcp://192.0.2.1:5353</c>,
/// <c>tls://192.0.2.1</c>, <c>https://192.0.2.1/dns-query</c>; the port is 53 unless given, 853 for tls, 443 for https.
/// </summary>
/// <param name="Scheme"><c>udp</c>, <c>tcp</c>, <c>tls</c>, <c>https</c>, or empty for UDP and TCP.</param>
/// <param name="Address">The address.</param>
/// <param name="Port">The port, 0 to 65535.</param>
/// <param name="Path">The path of https; empty for all others.</param>
public readonly record struct EndpointText(string Scheme, IPAddress Address, int Port, string Path = "")
{
    /// <summary>The path of https when none is given (RFC 8484 uses it in its examples, and so does everybody).</summary>
    public const string DefaultPath = "/dns-query";

    /// <summary>The port that DNS has when none is given.</summary>
    public const int DefaultPort = 53;

    /// <summary>Whether UDP is meant.</summary>
    public bool HasUdp => Scheme is "" or "udp";

    /// <summary>Whether TCP is meant.</summary>
    public bool HasTcp => Scheme is "" or "tcp";

    /// <summary>Whether DNS over TLS is meant.</summary>
    public bool HasTls => Scheme == "tls";

    /// <summary>Whether DNS over HTTPS is meant.</summary>
    public bool HasHttps => Scheme == "https";

    /// <summary>Reads an address; false with the reason when it is none or has a scheme that this version does not speak.</summary>
    public static bool TryParse(string text, out EndpointText endpoint, [NotNullWhen(false)] out string? error)
    {
        endpoint = default;
        var end = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = end < 0 ? "" : text[..end].ToLowerInvariant();
        error = scheme switch
        {
            "" or "udp" or "tcp" or "tls" or "https" => null,
            "quic" or "h3" => $"{scheme}:// is not served by this version, only asked of upstreams; listen with tls:// or https://",
            _ => $"'{scheme}' is not a scheme",
        };
        if (error is not null)
        {
            return false;
        }

        var rest = end < 0 ? text : text[(end + 3)..];
        var path = "";
        if (scheme == "https" && !TryTakePath(ref rest, out path))
        {
            error = "the path is letters, digits and - . _ ~ / behind the port";
            return false;
        }

        if (!TrySplit(rest, scheme switch { "tls" => 853, "https" => 443, _ => DefaultPort }, out var host, out var port))
        {
            error = "the port is a number from 0 to 65535, behind an address like 127.0.0.1 or [::1]";
            return false;
        }

        if (!NetworkText.TryParseAddress(host, out var address))
        {
            error = $"'{host}' is not an IP address";
            return false;
        }

        endpoint = new EndpointText(scheme, address, port, path);
        return true;
    }

    // "[v6]:port", "[v6]", "v4:port", "v4", and a bare IPv6 address, which has more than one colon.
    private static bool TrySplit(string text, int defaultPort, out string host, out int port)
    {
        (host, port) = (text, defaultPort);
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

    private static bool TryTakePath(ref string rest, out string path)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        path = slash < 0 || slash == rest.Length - 1 ? DefaultPath : rest[slash..];
        rest = slash < 0 ? rest : rest[..slash];
        return path.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_' or '~' or '/');
    }

    private static bool TryReadPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue;
}
