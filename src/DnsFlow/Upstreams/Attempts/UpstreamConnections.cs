using System.Net;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Transports.Dialing;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>The connections of the service plane to all servers, and who opens them.</summary>
internal sealed class UpstreamConnections : IDisposable
{
    private readonly ServerConnections _connections;

    private UpstreamConnections(UpstreamDialer dialer, BootstrapResolver bootstrap, UpstreamSockets sockets)
    {
        (Dialer, Bootstrap) = (dialer, bootstrap);
        _connections = new ServerConnections(Make);
        Exchange = new SocketExchange(sockets, _connections);
    }

    /// <summary>Opens connections.</summary>
    public UpstreamDialer Dialer { get; }

    /// <summary>Resolves the names of servers.</summary>
    public BootstrapResolver Bootstrap { get; }

    /// <summary>Asks by them.</summary>
    public IUpstreamExchange Exchange { get; }

    /// <summary>Makes the connections; none is open yet.</summary>
    public static UpstreamConnections Create(MonotonicClock clock, Func<FlowEndpoint, bool> isOwnListener, ILogger logger)
    {
        var sockets = new UpstreamSockets();
        var bootstrap = new BootstrapResolver(clock.Time);
        return new UpstreamConnections(new UpstreamDialer(sockets, new HostAddresses(bootstrap, clock), isOwnListener, clock, logger), bootstrap, sockets);
    }

    /// <summary>The network is another one: names are resolved anew, and connections that leave from an address of which <paramref name="isGone"/> says so are closed.</summary>
    public void OnNetworkChanged(Func<IPAddress, bool> isGone)
    {
        Dialer.Hosts.Expire();
        _connections.CloseIf(isGone);
    }

    /// <inheritdoc/>
    public void Dispose() => _connections.Dispose();

    private IServerConnection Make(Upstream server) => server.Link.Scheme switch
    {
        UpstreamAddress.Https => new HttpsConnection(server, Dialer, new Http2Route(server, Dialer)),
        UpstreamAddress.Http3 => new HttpsConnection(server, Dialer, new Http3Route(server, Dialer)),
        UpstreamAddress.Quic => new DoqConnection(server, Dialer),
        _ => new StreamConnectionPool(server, Dialer.Clock, Dialer),
    };
}
