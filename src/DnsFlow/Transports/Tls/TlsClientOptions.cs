using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace DnsFlow.Transports.Tls;

/// <summary>
/// What a client asks of TLS, whatever carries it. Certificates are never downloaded and revocation is not asked for, because either would need the name resolution that is
/// just being set up.
/// </summary>
internal static class TlsClientOptions
{
    /// <summary>The options of one handshake with a server of this name or address, which <paramref name="check"/> judges by the clock of <paramref name="time"/>.</summary>
    public static SslClientAuthenticationOptions Make(string name, TlsTrust trust, SslApplicationProtocol protocol, TlsCertificateCheck check, TimeProvider time) => new()
    {
        TargetHost = name,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [protocol],
        RemoteCertificateValidationCallback = check.Validate,
        CertificateChainPolicy = Policy(trust, time),
    };

    private static X509ChainPolicy Policy(TlsTrust trust, TimeProvider time)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = time.GetUtcNow().LocalDateTime,
            VerificationTimeIgnored = false,
        };
        if (trust.Roots is { } roots)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        return policy;
    }
}
