using System.ComponentModel;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace DnsFlow.Transports.Tls;

/// <summary>
/// The client's side of TLS towards one server. Sessions are resumed with servers that have a name (it is what sessions are kept by); certificates are never downloaded and revocation is not asked for, because either would need the name
/// resolution that is just being set up.
/// </summary>
/// <param name="name">The name or address that the certificate must be for.</param>
/// <param name="isNamed">Whether somebody wrote that name. Of a server that is known by its address and a pin alone, the pin is all the proof (RFC 7858 section 4.2).</param>
/// <param name="trust">Whom to believe.</param>
/// <param name="protocol">What is spoken over TLS (ALPN).</param>
/// <param name="isRequired">Whether the server has to confirm it; servers for DNS over TLS mostly do not, and none may choose another one.</param>
/// <param name="time">The clock that certificates are judged by.</param>
internal sealed class TlsClient(string name, bool isNamed, TlsTrust trust, SslApplicationProtocol protocol, bool isRequired, TimeProvider time)
{
    /// <summary>Shakes hands over a connection, which belongs to the result from then on. Throws <see cref="TlsRefusedException"/>, or <see cref="IOException"/> when the connection is lost.</summary>
    public async ValueTask<SslStream> ConnectAsync(Stream connection, CancellationToken cancellationToken)
    {
        var check = new TlsCertificateCheck(name, isNamed, trust);
        var stream = new SslStream(connection, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(Options(check), cancellationToken).ConfigureAwait(false);
            return isRequired && stream.NegotiatedApplicationProtocol != protocol
                ? throw new TlsRefusedException($"does not speak {protocol} (ALPN)", isUntrusted: false)
                : stream;
        }
        catch (AuthenticationException exception)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw check.Problem is { } problem
                ? new TlsRefusedException(problem, isUntrusted: true, exception)
                : new TlsRefusedException($"TLS failed: {Innermost(exception)}", isUntrusted: false, exception);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private SslClientAuthenticationOptions Options(TlsCertificateCheck check) => new()
    {
        TargetHost = name,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [protocol],
        RemoteCertificateValidationCallback = check.Validate,
        CertificateChainPolicy = Policy(),
    };

    private X509ChainPolicy Policy()
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

    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception is Win32Exception or AuthenticationException or IOException || exception.Message.Length < 200 ? exception.Message : exception.GetType().Name;
    }
}
