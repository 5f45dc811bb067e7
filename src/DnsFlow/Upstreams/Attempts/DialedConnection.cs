using System.Net.Security;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>A connection to a server. Disposing of it closes it in order.</summary>
/// <param name="Stream">What is spoken over: the TLS stream, or the socket's; disposing of it closes the connection at once.</param>
/// <param name="Socket">The socket's stream.</param>
/// <param name="Time">The clock.</param>
internal sealed record DialedConnection(Stream Stream, DialedStream Socket, TimeProvider Time) : IAsyncDisposable
{
    /// <summary>Closes; nobody may read or write any more. A server over TLS is told (close_notify), so that it may keep the session (RFC 8446 section 6.1).</summary>
    public async ValueTask DisposeAsync()
    {
        if (Stream is SslStream tls)
        {
            await TlsClient.EndAsync(tls, Time).ConfigureAwait(false);
        }

        await Stream.DisposeAsync().ConfigureAwait(false);
    }
}
