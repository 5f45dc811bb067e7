using System.Globalization;
using System.Net;

namespace DnsFlow.Service.Endpoints;

/// <summary>One address that the HTTP interface is served on.</summary>
/// <param name="Addresses">The addresses to bind: both loopback ones for <c>localhost</c>.</param>
/// <param name="Port">The port; 0 = any that is free.</param>
/// <param name="Socket">The path of a Unix socket instead.</param>
internal sealed record HttpEndpoint(IReadOnlyList<IPAddress> Addresses, int Port, string? Socket = null)
{
    /// <summary>Where statistics are served when nothing is configured.</summary>
    public const string Default = "http://127.0.0.1:9953";

    /// <summary>The default port.</summary>
    public const int DefaultPort = 9953;

    /// <summary>Reads <c>http://127.0.0.1:9953</c>, <c>http://[::1]:9953</c>, <c>http://localhost:9953</c> or <c>unix:/run/dnsflow/control.sock</c>.</summary>
    public static bool TryParse(string text, out HttpEndpoint endpoint, out string error)
    {
        (endpoint, error) = (new HttpEndpoint([], 0), "");
        if (text.StartsWith("unix:/", StringComparison.Ordinal))
        {
            endpoint = new HttpEndpoint([], 0, text["unix:".Length..]);
            return true;
        }

        if (!text.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            error = $"'{text}' is not an address of the form http://127.0.0.1:9953";
            return false;
        }

        var (host, port) = Split(text["http://".Length..].TrimEnd('/'));
        if (host is null || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            error = $"'{text}' is not an address of the form http://127.0.0.1:9953";
            return false;
        }

        var isLocalhost = host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
        if (!isLocalhost && !IPAddress.TryParse(host, out _))
        {
            error = $"'{text}' has a name; allowed: an address, or localhost";
            return false;
        }

        endpoint = new HttpEndpoint(isLocalhost ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Parse(host)], number);
        return true;
    }

    private static (string? Host, string Port) Split(string authority)
    {
        var colon = authority.LastIndexOf(':');
        var bracket = authority.LastIndexOf(']');
        if (colon <= bracket)
        {
            return (Unbracketed(authority), DefaultPort.ToString(CultureInfo.InvariantCulture));
        }

        return (Unbracketed(authority[..colon]), authority[(colon + 1)..]);
    }

    private static string? Unbracketed(string host) => host switch
    {
        ['[', .. var inner, ']'] when inner.Contains(':') => inner,
        _ when host.Length == 0 || host.AsSpan().ContainsAny("[]:/") => null,
        _ => host,
    };
}
