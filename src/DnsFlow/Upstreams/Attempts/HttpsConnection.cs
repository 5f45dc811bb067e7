using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using DnsFlow.Limits;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// DNS over HTTPS with one server (RFC 8484): POST over HTTP/2, many streams on one connection that is kept. The ID is 0, redirects are not followed, and what comes back
/// is read up to the longest message and no further. A connection that keeps silent while an attempt waits in vain is given up. Any thread.
/// </summary>
internal sealed class HttpsConnection : IServerConnection
{
    /// <summary>Questions in flight at most.</summary>
    public const int MaxInFlight = 256;

    /// <summary>Connections at most; another one is opened when the server allows no more streams on the first.</summary>
    public const int MaxConnections = 4;

    private static readonly MediaTypeHeaderValue s_type = new("application/dns-message");
    private static readonly MediaTypeWithQualityHeaderValue s_accept = new("application/dns-message");

    private readonly Upstream _server;
    private readonly UpstreamDialer _dialer;
    private readonly HttpMessageInvoker _invoker;
    private readonly Uri _uri;
    private volatile DialedConnection? _current;
    private int _inFlight;

    /// <summary>Makes a connection, which is opened by the first question.</summary>
    public HttpsConnection(Upstream server, UpstreamDialer dialer)
    {
        (_server, _dialer) = (server, dialer);
        var host = server.Link.ServerName.Contains(':', StringComparison.Ordinal) ? $"[{server.Link.ServerName}]" : server.Link.ServerName;
        _uri = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{host}:{server.Endpoint.Port}{server.Link.Path}"));
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) => (_current = await _dialer.ConnectAsync(_server, cancellationToken).ConfigureAwait(false)).Stream,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = MaxConnections,
            EnableMultipleHttp2Connections = true,
            MaxResponseHeadersLength = 16,
            InitialHttp2StreamWindowSize = 65_535,
            PooledConnectionIdleTimeout = StreamConnection.TlsIdleTimeout,
            KeepAlivePingDelay = TimeSpan.FromSeconds(2),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ActivityHeadersPropagator = null,
        });
    }

    /// <inheritdoc/>
    public bool IsUnused => Volatile.Read(ref _inFlight) == 0;

    /// <inheritdoc/>
    public async ValueTask<UpstreamResult> AskAsync(ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _inFlight) > MaxInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            return new UpstreamResult(null, UpstreamError.Shed, _server);
        }

        var began = _dialer.Clock.Now;
        try
        {
            return await ExchangeAsync(query, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            GiveUpWhenSilent(began);
            return new UpstreamResult(null, UpstreamError.Abandoned, _server);
        }
        catch (ObjectDisposedException)
        {
            return new UpstreamResult(null, UpstreamError.Abandoned, _server);  // closed with all others, between the two lines
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            return new UpstreamResult(null, Describe(exception), _server);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
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
    public void Dispose() => _invoker.Dispose();

    private async ValueTask<UpstreamResult> ExchangeAsync(ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _uri) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Accept.Add(s_accept);
        request.Content = new ByteArrayContent(Body(query.Span));
        request.Content.Headers.ContentType = s_type;
        using var response = await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return HttpsReply.Problem(response) is { } problem ? Refuse(problem) : await ReadAsync(query, response, cancellationToken).ConfigureAwait(false);
    }

    // Not rented: a request that is given up may still be written when its question is over.
    private static byte[] Body(ReadOnlySpan<byte> query)
    {
        Span<byte> body = stackalloc byte[EncryptedQuery.MaxLength];
        return body[..EncryptedQuery.Write(query, keepAlive: false, body)].ToArray();
    }

    private async ValueTask<UpstreamResult> ReadAsync(ReadOnlyMemory<byte> query, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = Buffers.Rent(HttpsReply.MaxLength + 1);
        try
        {
            var length = await HttpsReply.ReadAsync(response.Content, buffer, cancellationToken).ConfigureAwait(false);
            if (length > HttpsReply.MaxLength)
            {
                return Refuse("its response is longer than a DNS message can be");
            }

            if (!Reply.IsFor(query.Span, 0, buffer.AsSpan(0, length)))
            {
                _server.Statistics.CountMismatch();
                return Refuse("its response is not for the question");
            }

            HttpsReply.Age(response, buffer.AsSpan(0, length));
            _server.Statistics.Problem = null;
            return Reply.Classify(_server, buffer.AsSpan(0, length));
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }

    private UpstreamResult Refuse(string problem)
    {
        _server.Statistics.Problem = problem;
        return new UpstreamResult(null, UpstreamError.BadHttp, _server);
    }

    private UpstreamError Describe(Exception exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is UpstreamDialException failure)
            {
                return failure.Error;
            }
        }

        if (exception is OperationCanceledException)
        {
            return UpstreamError.Timeout;
        }

        _server.Statistics.Problem = $"HTTP failed: {(exception as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection was lost"}";
        return UpstreamError.ConnectionLost;
    }

    // HTTP/2 would find out by its pings, seconds later.
    private void GiveUpWhenSilent(long began)
    {
        if (_current is { } connection && connection.Socket.LastHeard < began && _dialer.Clock.Now - began >= _server.Health.AttemptTimeout)
        {
            _current = null;
            connection.Socket.Dispose();
        }
    }
}
