using System.Net;
using DnsFlow.Limits;
using DnsFlow.Transports.Quic;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>An open connection for DNS over QUIC, and when the server was last heard on it. Any thread.</summary>
internal sealed class DoqLink(IQuicConnection connection, MonotonicClock clock)
{
    private long _lastHeard = clock.Now;
    private bool _isProven;
    private bool _isClosed;

    /// <summary>When octets last came, in microseconds.</summary>
    public long LastHeard => Volatile.Read(ref _lastHeard);

    /// <summary>Whether the server has answered on it.</summary>
    public bool IsProven => Volatile.Read(ref _isProven);

    /// <summary>The address it leaves from.</summary>
    public IPAddress? LocalAddress => connection.LocalAddress;

    /// <summary>
    /// Asks on a stream of its own. When the question is given up the server is told to stop. Throws <see cref="OperationCanceledException"/>, <see cref="QuicLostException"/>,
    /// <see cref="QuicResetException"/> or <see cref="DoqProtocolException"/>.
    /// </summary>
    public async ValueTask<UpstreamResult> AskAsync(IQuicStream stream, Upstream server, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        var isOver = false;
        try
        {
            await stream.WriteLastAsync(DoqStream.Frame(query.Span), cancellationToken).ConfigureAwait(false);
            var result = await DoqStream.ReadAsync(stream, server, query, Hear, cancellationToken).ConfigureAwait(false);
            isOver = true;
            return result;
        }
        catch (QuicResetException)
        {
            Hear();
            throw;
        }
        finally
        {
            if (!isOver)
            {
                stream.Abort(DoqError.RequestCancelled);
            }

            // The end of a stream waits for the server, which a question does not. The server bounds how many there are: each counts against the streams that it allows.
            _ = EndAsync(stream);
        }
    }

    /// <summary>Opens a stream; see <see cref="IQuicConnection.OpenStreamAsync"/>.</summary>
    public ValueTask<IQuicStream> OpenStreamAsync(CancellationToken cancellationToken) => connection.OpenStreamAsync(cancellationToken);

    /// <summary>Closes it; what waits on it fails. Does not wait for the server.</summary>
    public void Close(long errorCode)
    {
        if (!Interlocked.Exchange(ref _isClosed, true))
        {
            _ = connection.CloseAsync(errorCode).AsTask();
        }
    }

    private static async Task EndAsync(IQuicStream stream) => await stream.DisposeAsync().ConfigureAwait(false);

    private void Hear()
    {
        Volatile.Write(ref _isProven, true);
        Volatile.Write(ref _lastHeard, clock.Now);
    }
}
