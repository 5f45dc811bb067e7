using System.Net;
using System.Net.Http.Headers;
using DnsFlow.Limits;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// DNS over HTTPS with one server (RFC 8484): POST, many streams on one connection that is kept. The ID is 0, redirects are not followed, and what comes back
/// is read up to the longest message and no further. How the server is reached is its route's: over HTTP/2 or HTTP/3. Any thread.
/// </summary>
internal sealed class HttpsConnection(Upstream server, UpstreamDialer dialer, IHttpsRoute route) : IServerConnection
{
    /// <summary>Questions in flight at most.</summary>
    public const int MaxInFlight = 256;

    private static readonly MediaTypeHeaderValue s_type = new("application/dns-message");
    private static readonly MediaTypeWithQualityHeaderValue s_accept = new("application/dns-message");

    private int _inFlight;

    /// <inheritdoc/>
    public bool IsUnused => Volatile.Read(ref _inFlight) == 0;

    /// <inheritdoc/>
    public async ValueTask<UpstreamResult> AskAsync(ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _inFlight) > MaxInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            return new UpstreamResult(null, UpstreamError.Shed, server);
        }

        var began = dialer.Clock.Now;
        HttpsHop? hop = null;
        try
        {
            hop = await route.AcquireAsync(cancellationToken).ConfigureAwait(false);
            return await ExchangeAsync(hop, query, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            GiveUpWhenSilent(hop, began);
            return new UpstreamResult(null, UpstreamError.Abandoned, server);
        }
        catch (ObjectDisposedException)
        {
            return new UpstreamResult(null, UpstreamError.ConnectionLost, server);  // by another question, between the two lines
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            return new UpstreamResult(null, (hop is null ? null : route.Failed(hop, exception)) ?? Describe(exception), server);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    /// <inheritdoc/>
    public void CloseIf(Func<IPAddress, bool> isDead) => route.CloseIf(isDead);

    /// <inheritdoc/>
    public void Dispose() => route.Dispose();

    private async ValueTask<UpstreamResult> ExchangeAsync(HttpsHop hop, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, hop.Uri) { Version = hop.Version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Host = hop.Host;
        request.Headers.Accept.Add(s_accept);
        request.Content = new ByteArrayContent(Body(query.Span));
        request.Content.Headers.ContentType = s_type;
        using var response = await hop.Invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        route.Answered(hop, response);
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
                server.Statistics.CountMismatch();
                return Refuse("its response is not for the question");
            }

            HttpsReply.Age(response, buffer.AsSpan(0, length));
            server.Statistics.Problem = null;
            return Reply.Classify(server, buffer.AsSpan(0, length));
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }

    private UpstreamResult Refuse(string problem)
    {
        server.Statistics.Problem = problem;
        return new UpstreamResult(null, UpstreamError.BadHttp, server);
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

        server.Statistics.Problem = $"HTTP failed: {(exception as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection was lost"}";
        return UpstreamError.ConnectionLost;
    }

    // HTTP would find out by its pings, seconds later.
    private void GiveUpWhenSilent(HttpsHop? hop, long began)
    {
        if (hop is not null && dialer.Clock.Now - began >= server.Health.AttemptTimeout)
        {
            route.GiveUpIfSilent(hop, began);
        }
    }
}
