using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Upstreams;

/// <summary>
/// An upstream as people write it: <c>9.9.9.9</c>, <c>9.9.9.9:5353</c>, <c>[2620:fe::fe]:53</c>, <c>udp://…</c>, <c>tcp://…</c>, <c>tls://9.9.9.9#dns.quad9.net</c>,
/// <c>tls://dns.quad9.net</c>, <c>https://dns.quad9.net/dns-query</c>, <c>https://9.9.9.9/dns-query#dns.quad9.net</c>, <c>quic://</c> like tls, <c>h3://</c> like https, or
/// <c>system:</c> (what the operating system would ask). The port is 53 unless given, 853 for <c>tls://</c> and <c>quic://</c>, 443 for <c>https://</c> and <c>h3://</c>.
/// </summary>
public sealed record UpstreamAddress
{
    /// <summary>The scheme of an upstream asked by datagrams, and over TCP when a response was cut. The default.</summary>
    public const string Udp = "udp";

    /// <summary>The scheme of an upstream asked over TCP only.</summary>
    public const string Tcp = "tcp";

    /// <summary>The scheme of an upstream asked over TLS (RFC 7858).</summary>
    public const string Tls = "tls";

    /// <summary>The scheme of an upstream asked over HTTPS (RFC 8484).</summary>
    public const string Https = "https";

    /// <summary>The scheme of an upstream asked over QUIC (RFC 9250).</summary>
    public const string Quic = "quic";

    /// <summary>The scheme of an upstream asked over HTTPS by HTTP/3 (RFC 9114).</summary>
    public const string Http3 = "h3";

    /// <summary>The scheme that stands for the resolvers of the operating system.</summary>
    public const string System = "system";

    /// <summary>The path of <c>https://</c> and <c>h3://</c> when none is given.</summary>
    public const string DefaultPath = "/dns-query";

    private const int MaxPath = 256;

    private UpstreamAddress(string scheme, FlowEndpoint endpoint)
    {
        Scheme = scheme;
        Endpoint = endpoint;
    }

    /// <summary><see cref="Udp"/>, <see cref="Tcp"/>, <see cref="Tls"/>, <see cref="Https"/>, <see cref="Quic"/>, <see cref="Http3"/> or <see cref="System"/>.</summary>
    public string Scheme { get; }

    /// <summary>The address and port; of a server that is known by name the port alone; all zero for <c>system:</c>.</summary>
    public FlowEndpoint Endpoint { get; private init; }

    /// <summary>The name whose addresses are asked, of those that are encrypted; null when the address is given.</summary>
    public string? Host { get; private init; }

    /// <summary>The name that the certificate must be for, behind <c>#</c>; null when it is the host's name or address.</summary>
    public string? Name { get; private init; }

    /// <summary>The path of <c>https://</c> and <c>h3://</c>; else empty.</summary>
    public string Path { get; private init; } = "";

    /// <summary>Whether it is asked over TLS, HTTPS or QUIC.</summary>
    public bool IsEncrypted => IsEncryptedScheme(Scheme);

    /// <summary>Whether it is asked over QUIC, with HTTP/3 or without.</summary>
    public bool UsesQuic => Scheme is Quic or Http3;

    /// <summary>The interface of a link-local address as it was written (<c>fe80::1%eth0</c>); it may come and go. Else null.</summary>
    internal string? Zone { get; private init; }

    /// <summary>How often it is asked beside the others of its group.</summary>
    internal int Weight { get; init; } = 1;

    /// <summary>Whether this stands for the resolvers of the operating system.</summary>
    public bool IsSystem => Scheme == System;

    /// <summary>Makes the address of an upstream asked by datagrams.</summary>
    public static UpstreamAddress ForDatagrams(FlowEndpoint endpoint) => new(Udp, endpoint);

    /// <summary>
    /// Parses an upstream. Returns false when it is malformed, names a host where that is not possible, or asks for a protocol that this version
    /// does not know; <paramref name="error"/> says so to people and begins with a verb, to be put behind the quoted text.
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
        if (error is null && TryCutTail(scheme, ref rest, out var name, out var path, out error) && TryParseEndpoint(scheme, rest, out var endpoint, out var host, out error))
        {
            address = new UpstreamAddress(scheme, endpoint) { Host = host, Name = name, Path = path, Zone = ZoneOf(rest, endpoint) };
        }

        return address is not null;
    }

    /// <summary>The upstream in the notation that <see cref="TryParse"/> reads, port included.</summary>
    public override string ToString()
    {
        var at = Host is null ? Zone is null ? Endpoint.ToString() : string.Create(CultureInfo.InvariantCulture, $"[{(Endpoint with { Scope = 0 }).ToAddress()}%{Zone}]:{Endpoint.Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Endpoint.Port}");
        return IsSystem ? "system:" : $"{(Scheme == Udp ? "" : Scheme + "://")}{at}{Path}{(Name is null ? "" : "#" + Name)}";
    }

    /// <summary>The same address with the interface's number of now, where it names an interface.</summary>
    internal UpstreamAddress Located()
        => Zone is not null && IPAddress.TryParse($"{(Endpoint with { Scope = 0 }).ToAddress()}%{Zone}", out var found)
            ? this with { Endpoint = FlowEndpoint.From(found, Endpoint.Port) }
            : this;

    private static string? ZoneOf(string rest, FlowEndpoint endpoint)
    {
        var percent = rest.IndexOf('%', StringComparison.Ordinal);
        return !endpoint.IsLinkLocal || percent < 0 ? null : rest[(percent + 1)..].Split(']')[0];
    }

    private static (string Scheme, string Address) Split(string text)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        return end < 0 ? (Udp, text) : (text[..end].ToLowerInvariant(), text[(end + 3)..]);
    }

    private static string? CheckScheme(string scheme) => scheme switch
    {
        Udp or Tcp or Tls or Https or Quic or Http3 => null,
        _ => $"has the unknown scheme '{scheme}'",
    };

    internal static bool IsEncryptedScheme(string scheme) => scheme is Tls or Https or Quic or Http3;

    // "#name" at the end of those that are encrypted, "/path" of https and h3; "{?dns}" is what RFC 8484 calls a template, and is for GET.
    private static bool TryCutTail(string scheme, ref string rest, out string? name, out string path, [NotNullWhen(false)] out string? error)
    {
        (name, path, error) = (null, "", null);
        if (!IsEncryptedScheme(scheme))
        {
            return true;
        }

        var hash = rest.IndexOf('#', StringComparison.Ordinal);
        if (hash >= 0)
        {
            (name, rest) = (rest[(hash + 1)..], rest[..hash]);
            error = IsHostName(name) ? null : $"'{name}' behind # is not a host name";
        }

        if (scheme is Https or Http3)
        {
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            (path, rest) = slash < 0 ? (DefaultPath, rest) : (rest[slash..].Replace("{?dns}", "", StringComparison.Ordinal), rest[..slash]);
            path = path == "/" ? DefaultPath : path;
            error ??= path.Length <= MaxPath && path.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_' or '~' or '/') ? null
                : "the path is letters, digits and - . _ ~ / behind the host";
        }

        return error is null;
    }

    private static bool TryParseEndpoint(string scheme, string rest, out FlowEndpoint endpoint, out string? name, [NotNullWhen(false)] out string? error)
    {
        (endpoint, name, error) = (default, null, null);
        if (!TrySplitPort(rest, scheme switch { Tls or Quic => 853, Https or Http3 => 443, _ => 53 }, out var host, out var port))
        {
            error = "needs a port from 1 to 65535 behind the address, like 9.9.9.9:53 or [2620:fe::fe]:53";
            return false;
        }

        if (!TryParseHost(host, out var parsed))
        {
            var isNamed = IsEncryptedScheme(scheme) && IsHostName(host);
            error = isNamed ? null
                : IsEncryptedScheme(scheme) ? $"'{host}' is neither an address nor a host name"
                : "this is not an address; an upstream is given by its address, not by a name";
            (name, endpoint) = (isNamed ? host : null, default(FlowEndpoint) with { Port = (ushort)port });
            return isNamed;
        }

        endpoint = FlowEndpoint.From(parsed, port);
        error = endpoint.IsAny || parsed.IsIPv6Multicast || (endpoint.IsIPv4 && endpoint.IPv4 >> 28 >= 14)
            ? "is a wildcard, multicast or broadcast address, which cannot be asked"
            : null;
        return error is null;
    }

    // Not all digits and dots: that would be an address with a typing error.
    private static bool IsHostName(string text)
        => text.Length is > 0 and <= 253 && text.Any(char.IsAsciiLetter)
            && text.Split('.').All(static label => label.Length is > 0 and <= 63 && !label.StartsWith('-') && !label.EndsWith('-')
                && label.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'));

    // "[v6]:port", "[v6]", "v4:port", "v4", and a bare IPv6 address, which has more than one colon.
    private static bool TrySplitPort(string rest, int defaultPort, out string host, out int port)
    {
        (host, port) = (rest, defaultPort);
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
