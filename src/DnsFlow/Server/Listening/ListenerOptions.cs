using System.Net;
using DnsFlow.Flows;

namespace DnsFlow.Server.Listening;

/// <summary>One listener (<c>DnsFlow:Listeners:NAME</c>).</summary>
public sealed class ListenerOptions
{
    /// <summary>
    /// The addresses: <c>127.0.0.1:53</c> (UDP and TCP), <c>localhost:53</c> (127.0.0.1, and ::1 where the machine has it), <c>udp://192.168.1.2</c>,
    /// <c>tcp://[::1]:5353</c>,
    /// <c>tls://192.168.1.2</c>, <c>https://192.168.1.2/dns-query</c>; port 53 (853 for tls, 443 for https) unless given, 0 = any that is free.
    /// Empty = 127.0.0.1 and ::1, on port 53 when that is allowed, else 1053.
    /// </summary>
    public IReadOnlyList<string> Endpoints { get; set; } = [];

    /// <summary>The networks that may ask; others get silence on UDP and a closed connection on TCP. Default: loopback and private networks.</summary>
    public IReadOnlyList<IPNetwork> Allow { get; set; } = NetworkSet.LoopbackAndPrivate;

    /// <summary>
    /// Load balancers whose connections and datagrams all begin with a header of the PROXY protocol, version 1 or 2, that says who the client is; only they are
    /// believed. Default: none.
    /// </summary>
    public IReadOnlyList<IPNetwork> ProxyProtocol { get; set; } = [];

    /// <summary>Whether the proxy needs it to be ready and to start. Default true.</summary>
    public bool Required { get; set; } = true;

    /// <summary>The certificate for tls and https: PEM with its chain, or PKCS #12 (.pfx, .p12). Read again when it changes.</summary>
    public string? Certificate { get; set; }

    /// <summary>Its private key in PEM; null = it is in the file of the certificate.</summary>
    public string? Key { get; set; }

    /// <summary>More certificates, chosen by the name that a client sends (SNI); the one above is for all other clients.</summary>
    public IReadOnlyList<CertificateOptions> MoreCertificates { get; set; } = [];

    /// <summary>Whether a certificate is made when the file of <see cref="Certificate"/> (<c>self-signed.pem</c> unless given) does not exist.</summary>
    public bool SelfSigned { get; set; }

    /// <summary>Authorities in PEM; with it only clients are served over tls and https that show a certificate of one of them.</summary>
    public string? ClientAuthorities { get; set; }
}
