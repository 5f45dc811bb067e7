using System.ComponentModel;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace DnsFlow.Transports.Tls;

/// <summary>
/// The client's side of TLS towards one server. Sessions are resumed with servers that have a name (it is what sessions are kept by). What is asked of certificates is said
/// by <see cref="TlsClientOptions"/>.
/// </summary>
/// <param name="name">The name or address that the certificate must be for.</param>
/// <param name="isNamed">Whether somebody wrote that name. Of a server that is known by its address and a pin alone, the pin is all the proof (RFC 7858 section 4.2).</param>
/// <param name="trust">Whom to believe.</param>
/// <param name="protocol">What is spoken over TLS (ALPN).</param>
/// <param name="isRequired">Whether the server has to confirm it; servers for DNS over TLS mostly do not, and none may choose another one.</param>
/// <param name="time">The clock that certificates are judged by.</param>
internal sealed class TlsClient(string name, bool isNamed, TlsTrust trust, SslApplicationProtocol protocol, bool isRequired, TimeProvider time)
{
    // Some octets, which wait only for a server that takes none.
    private static readonly TimeSpan s_endTime = TimeSpan.FromSeconds(1);

    /// <summary>Shakes hands over a connection, which belongs to the result from then on. Throws <see cref="TlsRefusedException"/>, or <see cref="IOException"/> when the connection is lost.</summary>
    public async ValueTask<SslStream> ConnectAsync(Stream connection, CancellationToken cancellationToken)
    {
        var check = new TlsCertificateCheck(name, isNamed, trust);
        var stream = new SslStream(connection, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(TlsClientOptions.Make(name, trust, protocol, check, time), cancellationToken).ConfigureAwait(false);
            return isRequired && stream.NegotiatedApplicationProtocol != protocol
                ? throw new TlsRefusedException($"does not speak {protocol} (ALPN)", isUntrusted: false)
                : stream;
        }
        catch (AuthenticationException exception)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw TlsRefusedException.From(check, exception);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Tells the server that the connection ends (close_notify, RFC 8446 section 6.1), if it still listens; waits for nothing else. While nobody reads or writes: the
    /// framework does not lock here.
    /// </summary>
    public static async ValueTask EndAsync(SslStream stream, TimeProvider time)
    {
        try
        {
            await stream.ShutdownAsync().WaitAsync(s_endTime, time).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidOperationException or AuthenticationException or Win32Exception or TimeoutException)
        {
            // It is gone, has said so itself, or takes nothing any more: there is nobody to tell.
        }
    }
}
