using System.Globalization;
using DnsFlow.Transports.Dialing;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Upstreams;

/// <summary>How a server is reached beside its address: what is spoken, from where, through what, and whom to believe.</summary>
internal sealed record UpstreamLink
{
    /// <summary>What is spoken; one of the schemes of <see cref="UpstreamAddress"/>.</summary>
    public required string Scheme { get; init; }

    /// <summary>The name whose addresses are asked; null when the address is known.</summary>
    public string? Host { get; init; }

    /// <summary>The name or address that the certificate must be for.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>Whether somebody wrote a name, so that a pin alone is not enough.</summary>
    public bool IsNamed { get; init; }

    /// <summary>The path of HTTPS, over HTTP/3 too.</summary>
    public string Path { get; init; } = "";

    /// <summary>Whom to believe.</summary>
    public TlsTrust Trust { get; init; } = TlsTrust.System;

    /// <summary>Where sockets leave from.</summary>
    public SocketOrigin Origin { get; init; } = SocketOrigin.Any;

    /// <summary>The proxy that connections go through.</summary>
    public ProxyAddress? Proxy { get; init; }

    /// <summary>Whether TLS is spoken, in QUIC or by itself.</summary>
    public bool IsEncrypted => UpstreamAddress.IsEncryptedScheme(Scheme);

    /// <summary>A hash of the host and what is spoken to it, the same in every process; 0 for plain addresses.</summary>
    public ulong StableHash
    {
        get
        {
            // FNV-1a.
            var hash = 0UL;
            foreach (var letter in IsEncrypted ? string.Create(CultureInfo.InvariantCulture, $"{Scheme}{Host}{ServerName}{Path}") : "")
            {
                hash = ((hash == 0 ? 0xCBF2_9CE4_8422_2325 : hash) ^ letter) * 0x100_0000_01B3;
            }

            return hash;
        }
    }

    /// <summary>The link that an address and the settings of its group make.</summary>
    public static UpstreamLink Of(UpstreamAddress address, SocketOrigin origin, ProxyAddress? proxy, TlsTrust trust) => new()
    {
        Scheme = address.Scheme,
        Host = address.Host,
        ServerName = address.Name ?? address.Host ?? (address.Endpoint with { Scope = 0 }).ToAddress().ToString(),
        IsNamed = (address.Name ?? address.Host) is not null,
        Path = address.Path,
        Trust = address.IsEncrypted ? trust : TlsTrust.System,
        Origin = origin,
        Proxy = address.Scheme == UpstreamAddress.Udp ? null : proxy,
    };
}
