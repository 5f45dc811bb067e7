using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Transports.Dialing;
using DnsFlow.Transports.Quic;
using DnsFlow.Transports.Tls;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// Connects to servers: resolves their names by the bootstrap servers, goes through a proxy where one is set, and shakes hands where TLS is spoken. Why a server is not
/// believed is counted, kept for the statistics and logged, once a minute at most while the reason stays the same.
/// </summary>
internal sealed partial class UpstreamDialer(
    UpstreamSockets sockets, HostAddresses hosts, Func<FlowEndpoint, bool> isOwnListener, MonotonicClock clock, ILogger logger, QuicDial? quic = null)
{
    /// <summary>How long a connection with TLS may take to open.</summary>
    public static readonly TimeSpan EncryptedTime = TimeSpan.FromSeconds(3);

    private const long LogInterval = 60 * MonotonicClock.Second;

    private static readonly TimeSpan s_plainTime = TimeSpan.FromSeconds(1);

    private readonly QuicDial _quic = quic ?? OpenPlatformQuicAsync;
    private readonly ConcurrentDictionary<int, (string Reason, long Until)> _logged = new();

    /// <summary>The clock.</summary>
    public MonotonicClock Clock { get; } = clock;

    /// <summary>The addresses of servers that are known by name.</summary>
    public HostAddresses Hosts { get; } = hosts;

    /// <summary>
    /// Connects. Throws <see cref="UpstreamDialException"/>, in time: a second for a plain connection to an address, else three; or
    /// <see cref="OperationCanceledException"/> when the caller does not want it any more.
    /// </summary>
    public ValueTask<DialedConnection> ConnectAsync(Upstream server, CancellationToken cancellationToken)
        => InTimeAsync(server, async (upstream, token) => await SecureAsync(upstream, await OpenAsync(upstream, token).ConfigureAwait(false), token).ConfigureAwait(false), cancellationToken);

    /// <summary>Connects by QUIC, for DNS over QUIC. Throws as <see cref="ConnectAsync"/> does, in three seconds.</summary>
    public ValueTask<IQuicConnection> ConnectQuicAsync(Upstream server, CancellationToken cancellationToken)
        => InTimeAsync(server, OpenQuicAsync, cancellationToken);

    /// <summary>
    /// The addresses that a server may be asked at, in the order in which they are tried. Throws <see cref="HttpRequestException"/> when its name is not resolved, and
    /// <see cref="UpstreamDialException"/> when no address is left that is not ours.
    /// </summary>
    public async ValueTask<IReadOnlyList<IPEndPoint>> EndpointsAsync(Upstream server, CancellationToken cancellationToken)
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

    /// <summary>Notes why a server could not be connected to, and returns that in our words.</summary>
    public UpstreamDialException Report(Upstream server, Exception exception)
    {
        var failure = Failure(exception, server.Link);
        Note(server, failure);
        return failure;
    }

    private async ValueTask<T> InTimeAsync<T>(Upstream server, Func<Upstream, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        var link = server.Link;
        using var limit = new CancellationTokenSource(link.IsEncrypted || link.Proxy is not null ? EncryptedTime : s_plainTime, Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var connection = await open(server, either.Token).ConfigureAwait(false);
            server.Statistics.Problem = null;
            return connection;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is IOException or SocketException or HttpRequestException or OperationCanceledException)
        {
            throw Report(server, exception);
        }
    }

    private async ValueTask<IQuicConnection> OpenQuicAsync(Upstream server, CancellationToken cancellationToken)
    {
        var link = server.Link;
        var race = new AddressRace<IQuicConnection>(
            async (endpoint, token) =>
            {
                var check = new TlsCertificateCheck(link.ServerName, link.IsNamed, link.Trust);
                var tls = TlsClientOptions.Make(link.ServerName, link.Trust, DoqConnection.Protocol, check, Clock.Time);
                try
                {
                    return await _quic(new QuicTarget(endpoint, link.Origin.Source, tls, DoqConnection.TransportIdleTimeout, DoqError.RequestCancelled), token).ConfigureAwait(false);
                }
                catch (AuthenticationException exception)
                {
                    throw TlsRefusedException.From(check, exception);
                }
            },
            Clock.Time);
        return await race.ConnectAsync(await EndpointsAsync(server, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    private static ValueTask<IQuicConnection> OpenPlatformQuicAsync(QuicTarget target, CancellationToken cancellationToken)
        => QuicSupport.IsKnownHere ? PlatformQuicConnection.ConnectAsync(target, cancellationToken)
            : throw new UpstreamDialException(UpstreamError.Unreachable, $"needs QUIC: {QuicSupport.OfThisSystem.Problem}");

    private async ValueTask<DialedConnection> SecureAsync(Upstream server, DialedStream stream, CancellationToken cancellationToken)
    {
        var link = server.Link;
        if (!link.IsEncrypted)
        {
            return new DialedConnection(stream, stream, Clock.Time);
        }

        var isHttp = link.Scheme == UpstreamAddress.Https;
        var client = new TlsClient(
            link.ServerName, link.IsNamed, link.Trust, isHttp ? SslApplicationProtocol.Http2 : new SslApplicationProtocol("dot"), isRequired: isHttp, Clock.Time);
        return new DialedConnection(await client.ConnectAsync(stream, cancellationToken).ConfigureAwait(false), stream, Clock.Time);
    }

    private async ValueTask<DialedStream> OpenAsync(Upstream server, CancellationToken cancellationToken)
    {
        var link = server.Link;
        if (link.Proxy is not { } proxy)
        {
            var dialing = new AddressRace<Stream>((endpoint, token) => OpenSocketAsync(link.Origin, endpoint, token), Clock.Time);
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

    private static UpstreamDialException Failure(Exception exception, UpstreamLink link) => exception switch
    {
        UpstreamDialException known => known,
        TlsRefusedException refused => new(UpstreamError.Untrusted, refused.Message, refused),
        OperationCanceledException => new(UpstreamError.Timeout, link.IsEncrypted ? "no TLS connection in time" : "no connection in time", exception),
        SocketException socket => new(UpstreamSockets.Describe(socket.SocketErrorCode), socket.Message, socket),
        QuicLostException lost => new(UpstreamError.ConnectionLost, lost.Message, lost),
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
