using System.Net;
using System.Net.Sockets;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>Opens the sockets of the service plane and names their errors. Tests replace <paramref name="open"/>.</summary>
internal sealed class UpstreamSockets(Func<AddressFamily, SocketType, ProtocolType, Socket>? open = null)
{
    private readonly Func<AddressFamily, SocketType, ProtocolType, Socket> _open = open ?? ((family, type, protocol) => new Socket(family, type, protocol));

    /// <summary>A socket for datagrams to <paramref name="server"/> alone, on a port the kernel picks: it drops what comes from anywhere else.</summary>
    public Socket ConnectDatagram(Upstream server)
    {
        var endpoint = server.Endpoint;
        var socket = _open(endpoint.Family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endpoint.IsIPv4)
            {
                socket.DontFragment = true;
            }

            server.Link.Origin.Apply(socket);
            socket.Connect(endpoint.ToIPEndPoint());
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A TCP connection to <paramref name="endpoint"/>.</summary>
    public async ValueTask<Socket> ConnectStreamAsync(IPEndPoint endpoint, SocketOrigin origin, CancellationToken cancellationToken)
    {
        var socket = _open(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            origin.Apply(socket);
            await socket.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// What a socket error says of the server. Having no descriptor or buffer left is our fault and never the server's, so it
    /// is <see cref="UpstreamError.Shed"/>.
    /// </summary>
    public static UpstreamError Describe(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => UpstreamError.Refused,
        SocketError.TimedOut => UpstreamError.Timeout,
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.NotConnected => UpstreamError.ConnectionLost,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.SystemNotReady => UpstreamError.Shed,
        SocketError.OperationAborted => UpstreamError.Abandoned,
        _ => UpstreamError.Unreachable,
    };
}
