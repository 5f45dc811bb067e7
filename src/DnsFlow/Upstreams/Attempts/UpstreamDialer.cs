using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Transports.Dialing;
using DnsFlow.Transports.Tls;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// Connects to servers: resolves their names by the bootstrap servers, goes through a proxy where one is set, and shakes hands where TLS is spoken. Why a server is not
/// believed is counted, kept for the statistics and logged, once a minute at most while the reason stays the same.
/// </summary>
internal sealed partial class UpstreamDialer(UpstreamSockets sockets, HostAddresses hosts, Func<FlowEndpoint, bool> isOwnListener, MonotonicClock clock, ILogger logger)
{
    private const long LogInterval = 60 * MonotonicClock.Second;

    private static readonly TimeSpan s_plainTime = TimeSpan.FromSeconds(1), s_time = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<int, (string Reason, long Until)> _logged = new();

    /// <summary>The clock.</summary>
    public MonotonicClock Clock { get; } = clock;

    /// <summary>The addresses of servers that are known by name.</summary>
    public HostAddresses Hosts { get; } = hosts;

    /// <summary>
    /// Connects. Throws <see cref="UpstreamDialException"/>, in time: a second for a plain connection to an address, else three; or
    /// <see cref="OperationCanceledException"/> when the caller does not want it any more.
    /// </summary>
    public async ValueTask<DialedConnection> ConnectAsync(Upstream server, CancellationToken cancellationToken)
    {
        var link = server.Link;
        using var limit = new CancellationTokenSource(link.IsEncrypted || link.Proxy is not null ? s_time : s_plainTime, Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var connection = await SecureAsync(server, await OpenAsync(server, either.Token).ConfigureAwait(false), either.Token).ConfigureAwait(false);
            server.Statistics.Problem = null;
            return connection;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is IOException or SocketException or HttpRequestException or OperationCanceledException)
        {
            var failure = Failure(exception, link);
            Note(server, failure);
            throw failure;
        }
    }

    private async ValueTask<DialedConnection> SecureAsync(Upstream server, DialedStream stream, CancellationToken cancellationToken)
    {
        var link = server.Link;
        if (!link.IsEncrypted)
        {
            return new DialedConnection(stream, stream);
        }

        var isHttp = link.Scheme == UpstreamAddress.Https;
        var client = new TlsClient(
            link.ServerName, link.IsNamed, link.Trust, isHttp ? SslApplicationProtocol.Http2 : new SslApplicationProtocol("dot"), isRequired: isHttp, Clock.Time);
        return new DialedConnection(await client.ConnectAsync(stream, cancellationToken).ConfigureAwait(false), stream);
    }

    private async ValueTask<DialedStream> OpenAsync(Upstream server, CancellationToken cancellationToken)
    {
        var link = server.Link;
        if (link.Proxy is not { } proxy)
        {
            var dialing = new HappyEyeballs((endpoint, token) => OpenSocketAsync(link.Origin, endpoint, token), Clock.Time);
            return (DialedStream)await dialing.ConnectAsync(await EndpointsAsync(server, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        var stream = (DialedStream)await OpenSocketAsync(link.Origin, proxy.Endpoint, cancellationToken).ConfigureAwait(false);
        try
        {
            await ProxyTunnel.OpenAsync(stream, proxy, link.Host ?? server.Endpoint.ToAddress().ToString(), server.Endpoint.Port, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (IOException exception)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new UpstreamDialException(UpstreamError.ConnectionLost, exception is EndOfStreamException ? "the proxy closed the connection" : exception.Message, exception);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<Stream> OpenSocketAsync(SocketOrigin origin, IPEndPoint endpoint, CancellationToken cancellationToken)
        => new DialedStream(await sockets.ConnectStreamAsync(endpoint, origin, cancellationToken).ConfigureAwait(false), Clock);

    private async ValueTask<IReadOnlyList<IPEndPoint>> EndpointsAsync(Upstream server, CancellationToken cancellationToken)
    {
        if (server.Link.Host is not { } host)
        {
            return [server.Endpoint.ToIPEndPoint()];
        }

        var found = await Hosts.ResolveAsync(host, cancellationToken).ConfigureAwait(false);
        var source = server.Link.Origin.Source?.AddressFamily;
        var endpoints = HappyEyeballs.Sort(found.Addresses.Where(address => source is null || address.AddressFamily == source))
            .Select(address => new IPEndPoint(address, server.Endpoint.Port)).Where(endpoint => !isOwnListener(FlowEndpoint.From(endpoint))).ToList();
        return endpoints.Count > 0 ? endpoints : throw new UpstreamDialException(UpstreamError.Loop, $"'{host}' has no address that can be asked, or only this proxy's own");
    }

    private static UpstreamDialException Failure(Exception exception, UpstreamLink link) => exception switch
    {
        UpstreamDialException known => known,
        TlsRefusedException refused => new(UpstreamError.Untrusted, refused.Message, refused),
        OperationCanceledException => new(UpstreamError.Timeout, link.IsEncrypted ? "no TLS connection in time" : "no connection in time", exception),
        SocketException socket => new(UpstreamSockets.Describe(socket.SocketErrorCode), socket.Message, socket),
        HttpRequestException unresolved => new(UpstreamError.Unreachable, unresolved.Message, unresolved),
        IOException { InnerException: SocketException socket } => new(UpstreamSockets.Describe(socket.SocketErrorCode), socket.Message, exception),
        _ => new(UpstreamError.ConnectionLost, link.IsEncrypted ? "the connection was closed during the TLS handshake" : exception.Message, exception),
    };

    private void Note(Upstream server, UpstreamDialException failure)
    {
        server.Statistics.Problem = failure.Message;
        if (failure.Error == UpstreamError.Untrusted)
        {
            server.Statistics.CountUntrusted();
        }

        if (failure.Error is UpstreamError.Untrusted or UpstreamError.Loop || server.Link is { IsEncrypted: true } or { Proxy: not null })
        {
            var now = Clock.Now;
            if (!_logged.TryGetValue(server.Id, out var last) || last.Reason != failure.Message || now >= last.Until)
            {
                _logged[server.Id] = (failure.Message, now + LogInterval);
                Log.Unusable(logger, server.Name, failure.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(440, LogLevel.Warning, "Upstream {Upstream} cannot be used: {Reason}.")]
        public static partial void Unusable(ILogger logger, string upstream, string reason);
    }
}
