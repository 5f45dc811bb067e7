using System.Globalization;
using System.Net;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>HTTP/2 over connections of the dialer: one way for all requests, for good.</summary>
internal sealed class Http2Route : IHttpsRoute
{
    /// <summary>Connections at most; another one is opened when the server allows no more streams on the first.</summary>
    public const int MaxConnections = 4;

    private readonly Hop _hop;
    private volatile DialedConnection? _current;

    /// <summary>Makes a route; the first request connects.</summary>
    public Http2Route(Upstream server, UpstreamDialer dialer)
        => _hop = new Hop(async cancellationToken => (_current = await dialer.ConnectAsync(server, cancellationToken).ConfigureAwait(false)).Stream, UriOf(server));

    /// <inheritdoc/>
    public ValueTask<HttpsHop> AcquireAsync(CancellationToken cancellationToken) => ValueTask.FromResult<HttpsHop>(_hop);

    /// <inheritdoc/>
    public void Answered(HttpsHop hop, HttpResponseMessage response)
    {
        // The socket's stream knows when it was heard, and Alt-Svc is for HTTP/3.
    }

    /// <inheritdoc/>
    public UpstreamError? Failed(HttpsHop hop, Exception exception) => null;

    /// <inheritdoc/>
    public void GiveUpIfSilent(HttpsHop hop, long began)
    {
        if (_current is { } connection && connection.Socket.LastHeard < began)
        {
            _current = null;
            connection.Socket.Dispose();
        }
    }

    /// <inheritdoc/>
    public void CloseIf(Func<IPAddress, bool> isDead)
    {
        if (_current is { Socket.LocalAddress: { } address } connection && isDead(address))
        {
            _current = null;
            connection.Socket.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hop.Dispose();

    private static Uri UriOf(Upstream server)
    {
        var host = server.Link.ServerName.Contains(':', StringComparison.Ordinal) ? $"[{server.Link.ServerName}]" : server.Link.ServerName;
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{host}:{server.Endpoint.Port}{server.Link.Path}"));
    }

    private sealed class Hop(Func<CancellationToken, ValueTask<Stream>> connect, Uri uri) : HttpsHop(new HttpMessageInvoker(Handler(connect)), uri, HttpVersion.Version20)
    {
        private static SocketsHttpHandler Handler(Func<CancellationToken, ValueTask<Stream>> connect)
        {
            var handler = NewHandler();
            handler.ConnectCallback = (_, cancellationToken) => connect(cancellationToken);
            handler.MaxConnectionsPerServer = MaxConnections;
            handler.EnableMultipleHttp2Connections = true;
            handler.InitialHttp2StreamWindowSize = 65_535;
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(2);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(2);
            handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
            return handler;
        }
    }
}
