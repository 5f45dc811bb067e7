using System.Net;
using System.Net.Quic;
using System.Net.Sockets;
using System.Security.Authentication;
using DnsFlow.Transports.Quic;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// HTTP/3, by one <see cref="Http3Hop"/> after the other. A hop is dropped when a request on it fails, because its handler would refuse to connect again for ten minutes; when it
/// keeps silent; when the server sends us elsewhere; when the network changes; and after an hour, because certificates are judged by the time of its making. One that never answered is followed by one to the server's next address.
/// </summary>
internal sealed class Http3Route(Upstream server, UpstreamDialer dialer) : IHttpsRoute
{
    /// <summary>How long a hop gets new requests.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private Http3Hop? _current;
    private int _turn;
    private bool _isClosed;

    /// <inheritdoc/>
    public async ValueTask<HttpsHop> AcquireAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _current) is { } current)
        {
            if (dialer.Clock.Now - current.Made < MaxAge.TotalMicroseconds)
            {
                return current;
            }

            Drop(current);
        }

        var endpoints = await EndpointsAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return _current ??= new Http3Hop(server, endpoints[(int)((uint)_turn % (uint)endpoints.Count)], dialer);
        }
    }

    /// <inheritdoc/>
    public void Answered(HttpsHop hop, HttpResponseMessage response)
    {
        var answered = (Http3Hop)hop;
        answered.LastHeard = dialer.Clock.Now;
        answered.HasAnswered = true;
        if (answered.IsSentElsewhere(response))
        {
            Drop(answered);
        }
    }

    /// <inheritdoc/>
    public UpstreamError? Failed(HttpsHop hop, Exception exception)
    {
        var failed = (Http3Hop)hop;
        Drop(failed);
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case AuthenticationException refused:
                    return dialer.Report(server, TlsRefusedException.From(failed.Check, refused)).Error;
                case SocketException:
                    return dialer.Report(server, inner).Error;
                case QuicException quic when QuicSupport.IsKnownHere:
                    return dialer.Report(server, PlatformQuicConnection.Explain(quic)).Error;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void GiveUpIfSilent(HttpsHop hop, long began)
    {
        if (((Http3Hop)hop).LastHeard < began || !((Http3Hop)hop).HasAnswered)
        {
            Drop((Http3Hop)hop);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The handler does not tell what its connection leaves from; another one costs a handshake, and the network changes seldom.</remarks>
    public void CloseIf(Func<IPAddress, bool> isDead)
    {
        if (Volatile.Read(ref _current) is { } hop)
        {
            Drop(hop);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Http3Hop? last;
        lock (_lock)
        {
            (last, _current, _isClosed) = (_current, null, true);
        }

        last?.Dispose();
    }

    private async ValueTask<IReadOnlyList<IPEndPoint>> EndpointsAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(UpstreamDialer.EncryptedTime, dialer.Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await dialer.EndpointsAsync(server, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is HttpRequestException or UpstreamDialException or OperationCanceledException)
        {
            throw dialer.Report(server, exception);
        }
    }

    private void Drop(Http3Hop hop)
    {
        lock (_lock)
        {
            if (_current != hop)
            {
                return;
            }

            _current = null;
            _turn += hop.HasAnswered ? 0 : 1;
        }

        hop.Dispose();
    }
}
