using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Tls;

/// <summary>How one listener shakes hands: its certificates, whether clients show theirs, and how much of it goes on at once.</summary>
internal sealed class TlsServer(CertificateStore certificates, X509Certificate2Collection? clientAuthorities, HandshakeGate gate, HandshakeFaults faults, NetworkSet exempt)
{
    /// <summary>How long a handshake may take.</summary>
    public static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(5);

    /// <summary>What is offered to a DNS over TLS client: ALPN <c>dot</c> (RFC 7858). One that offers other protocols only is refused.</summary>
    public static readonly ServerOptionsSelectionCallback OfferDot = static (_, hello, server, _) => ValueTask.FromResult(((TlsServer)server!).ForDot(hello.ServerName));

    /// <summary>The same for HTTPS: HTTP/2, else HTTP/1.1.</summary>
    public static readonly ServerOptionsSelectionCallback OfferHttps = static (_, hello, server, _) => ValueTask.FromResult(((TlsServer)server!).ForHttps(hello.ServerName));

    private static readonly Oid s_clientAuthentication = new("1.3.6.1.5.5.7.3.2");

    // One set of options per certificate, so that sessions can be resumed.
    private readonly ConditionalWeakTable<ServerCertificate, SslServerAuthenticationOptions> _dot = [];
    private readonly ConditionalWeakTable<ServerCertificate, SslServerAuthenticationOptions> _https = [];

    /// <summary>The certificates.</summary>
    public CertificateStore Certificates => certificates;

    /// <summary>Begins a handshake, if there is room for one more; one that began is ended with <see cref="EndHandshake"/>.</summary>
    public bool TryBeginHandshake(in FlowEndpoint client) => gate.TryEnter(client, exempt.Contains(client));

    /// <summary>A handshake ended.</summary>
    public void EndHandshake() => gate.Leave();

    /// <summary>A handshake failed; says why, now and then. Null means that it was not done in its time.</summary>
    public void Report(Exception? reason) => faults.Report(reason);

    private SslServerAuthenticationOptions ForDot(string? name)
        => _dot.GetValue(certificates.Select(name), certificate => Make(certificate, [new SslApplicationProtocol("dot")]));

    private SslServerAuthenticationOptions ForHttps(string? name)
        => _https.GetValue(certificates.Select(name), certificate => Make(certificate, [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]));

    private SslServerAuthenticationOptions Make(ServerCertificate certificate, List<SslApplicationProtocol> protocols) => new()
    {
        ServerCertificateContext = certificate.Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = protocols,
        AllowRenegotiation = false,
        ClientCertificateRequired = clientAuthorities is not null,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = clientAuthorities is null ? null : (_, shown, _, _) => IsTrusted(shown),
    };

    private bool IsTrusted(X509Certificate? shown)
    {
        if (shown is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(clientAuthorities!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(s_clientAuthentication);        // an authority that signs servers, too, does not vouch for them as clients
        return chain.Build(shown as X509Certificate2 ?? new X509Certificate2(shown));
    }
}
