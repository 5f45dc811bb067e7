using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace DnsFlow.Settings;

/// <summary>
/// An address to listen on, as <see cref="EndpointText"/> has it, or <c>localhost</c> in its place: <c>localhost:1053</c>, <c>udp://localhost</c>. That is
/// 127.0.0.1 and, on a machine that has it, ::1 (RFC 6761 section 6.3).
/// </summary>
public static class ListenText
{
    private const string Localhost = "localhost";

    /// <summary>
    /// Reads an address; false with the reason when it is none. The first of <paramref name="endpoints"/> is meant in any case, a second one only where the
    /// machine has it.
    /// </summary>
    public static bool TryParse(string text, out IReadOnlyList<EndpointText> endpoints, [NotNullWhen(false)] out string? error)
    {
        endpoints = [];
        var isLocalhost = TryReplaceHost(text, out var address);
        if (!EndpointText.TryParse(isLocalhost ? address : text, out var endpoint, out error))
        {
            return false;
        }

        endpoints = isLocalhost ? [endpoint, endpoint with { Address = IPAddress.IPv6Loopback }] : [endpoint];
        return true;
    }

    /// <summary>The endpoints that a text names; none when it is no address.</summary>
    public static IReadOnlyList<EndpointText> Parse(string text) => TryParse(text, out var endpoints, out _) ? endpoints : [];

    // The host stands behind the scheme and before a port, a path or the end.
    private static bool TryReplaceHost(string text, out string address)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var start = scheme < 0 ? 0 : scheme + 3;
        var end = start + Localhost.Length;
        var isLocalhost = string.Compare(text, start, Localhost, 0, Localhost.Length, StringComparison.OrdinalIgnoreCase) == 0
            && (end == text.Length || text[end] is ':' or '/');
        address = isLocalhost ? $"{text.AsSpan(0, start)}{IPAddress.Loopback}{text.AsSpan(end)}" : text;
        return isLocalhost;
    }
}
