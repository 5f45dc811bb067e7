using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Upstreams;

/// <summary>
/// An upstream as people write it: <c>9.9.9.9</c>, <c>9.9.9.9:5353</c>, <c>[2620:fe::fe]:53</c>, <c>udp://…</c>, <c>tcp://…</c> or <c>system:</c>
/// (what the operating system would ask). The port is 53 unless given.
/// </summary>
public sealed record UpstreamAddress
{
    /// <summary>The scheme of an upstream asked by datagrams, and over TCP when a response was cut. The default.</summary>
    public const string Udp = "udp";

    /// <summary>The scheme of an upstream asked over TCP only.</summary>
    public const string Tcp = "tcp";

    /// <summary>The scheme that stands for the resolvers of the operating system.</summary>
    public const string System = "system";

    private const int DefaultPort = 53;

    private UpstreamAddress(string scheme, FlowEndpoint endpoint)
    {
        Scheme = scheme;
        Endpoint = endpoint;
    }

    /// <summary><see cref="Udp"/>, <see cref="Tcp"/> or <see cref="System"/>.</summary>
    public string Scheme { get; }

    /// <summary>The address and port; all zero for <c>system:</c>.</summary>
    public FlowEndpoint Endpoint { get; }

    /// <summary>How often it is asked beside the others of its group.</summary>
    internal int Weight { get; init; } = 1;

    /// <summary>Whether this stands for the resolvers of the operating system.</summary>
    public bool IsSystem => Scheme == System;

    /// <summary>Makes the address of an upstream asked by datagrams.</summary>
    public static UpstreamAddress ForDatagrams(FlowEndpoint endpoint) => new(Udp, endpoint);

    /// <summary>
    /// Parses an upstream. Returns false when it is malformed, names a host instead of an address, or asks for a protocol that this version
    /// does not speak; <paramref name="error"/> says so to people and begins with a verb, to be put behind the quoted text.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out UpstreamAddress? address, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = null;
        if (string.Equals(text, "system:", StringComparison.OrdinalIgnoreCase))
        {
            (address, error) = (new UpstreamAddress(System, default), null);
            return true;
        }

        var (scheme, rest) = Split(text);
        error = CheckScheme(scheme);
        if (error is null && TryParseEndpoint(rest, out var endpoint, out error))
        {
            address = new UpstreamAddress(scheme, endpoint);
        }

        return address is not null;
    }

    /// <summary>The upstream in the notation that <see cref="TryParse"/> reads, port included.</summary>
    public override string ToString() => IsSystem ? "system:" : Scheme == Udp ? Endpoint.ToString() : $"{Scheme}://{Endpoint}";

    private static (string Scheme, string Address) Split(string text)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        return end < 0 ? (Udp, text) : (text[..end].ToLowerInvariant(), text[(end + 3)..]);
    }

    private static string? CheckScheme(string scheme) => scheme switch
    {
        Udp or Tcp => null,
        "tls" or "https" or "quic" or "h3" => $"is a {scheme}:// upstream, which is not supported by this version",
        _ => $"has the unknown scheme '{scheme}'",
    };

    private static bool TryParseEndpoint(string rest, out FlowEndpoint endpoint, [NotNullWhen(false)] out string? error)
    {
        endpoint = default;
        if (!TrySplitPort(rest, out var host, out var port))
        {
            error = "needs a port from 1 to 65535 behind the address, like 9.9.9.9:53 or [2620:fe::fe]:53";
            return false;
        }

        if (!TryParseHost(host, out var parsed))
        {
            error = "this is not an address; an upstream is given by its address, not by a name";
            return false;
        }

        endpoint = FlowEndpoint.From(parsed, port);
        error = endpoint.IsAny || parsed.IsIPv6Multicast || (endpoint.IsIPv4 && endpoint.IPv4 >> 28 >= 14)
            ? "is a wildcard, multicast or broadcast address, which cannot be asked"
            : null;
        return error is null;
    }

    // "[v6]:port", "[v6]", "v4:port", "v4", and a bare IPv6 address, which has more than one colon.
    private static bool TrySplitPort(string rest, out string host, out int port)
    {
        (host, port) = (rest, DefaultPort);
        var bracket = rest.StartsWith('[') ? rest.IndexOf(']', StringComparison.Ordinal) : -1;
        var colon = rest.LastIndexOf(':');
        if (bracket < 0 ? colon < 0 || rest.IndexOf(':', StringComparison.Ordinal) != colon : bracket == rest.Length - 1)
        {
            return true;
        }

        if (bracket >= 0 && colon != bracket + 1)
        {
            return false;
        }

        host = rest[..colon];
        return int.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= ushort.MaxValue;
    }

    // The framework also reads "1", "9.9" and octal parts as IPv4 addresses; here they are typing errors.
    private static bool TryParseHost(string host, [NotNullWhen(true)] out IPAddress? address)
    {
        var bracketed = host.StartsWith('[') && host.EndsWith(']');
        return IPAddress.TryParse(bracketed ? host[1..^1] : host, out address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || (!bracketed && address.ToString() == host));
    }
}
