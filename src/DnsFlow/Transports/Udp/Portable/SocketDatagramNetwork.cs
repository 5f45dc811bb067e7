using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.Transports.Udp.Portable;

/// <summary>
/// Datagram sockets by the framework's <see cref="Socket"/>: for systems without their own implementation. One call a datagram, nothing
/// allocated. It cannot choose the source of a response, so it refuses wildcards, and only one socket may have an address.
/// </summary>
internal sealed class SocketDatagramNetwork(DatagramSocketOptions options) : IDatagramNetwork
{
    private readonly ListenerAddresses _listeners = new();

    /// <inheritdoc/>
    public bool SelectsSourceAddress => false;

    /// <inheritdoc/>
    public bool SharesAddresses => false;

    /// <summary>
    /// As the interface says, and refuses wildcards: listen on each of <see cref="WildcardAddresses.Expand"/> instead. It also refuses a second
    /// socket for an address, <paramref name="shared"/> or not: there is no portable way to spread one address over sockets.
    /// </summary>
    public IDatagramSocket Listen(FlowEndpoint address, bool shared)
    {
        if (address.IsAny)
        {
            throw new SocketException(
                (int)SocketError.OperationNotSupported,
                $"{address}: this system cannot answer from the address that was asked; listen on each local address instead.");
        }

        var socket = Open(address.Family);
        try
        {
            _listeners.Bind(address, _ =>
            {
                socket.Bind(address.ToIPEndPoint());
                return FlowEndpoint.From((IPEndPoint)socket.LocalEndPoint!);
            });
            return new SocketDatagramListener(socket, _listeners);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IDatagramSocket Adopt(Socket inherited)
    {
        if (inherited.SocketType != SocketType.Dgram || inherited.LocalEndPoint is not IPEndPoint bound)
        {
            throw new ArgumentException("Not a bound datagram socket of the Internet families.", nameof(inherited));
        }

        SetOptions(inherited);
        _listeners.Bind(FlowEndpoint.From(bound), _ => FlowEndpoint.From(bound));
        return new SocketDatagramListener(inherited, _listeners);
    }

    /// <inheritdoc/>
    public IDatagramSocket Connect(FlowEndpoint upstream, SocketOrigin? origin = null)
    {
        var socket = Open(upstream.Family);
        try
        {
            origin?.Apply(socket);
            socket.Connect(upstream.ToIPEndPoint());
            return new SocketDatagramUpstream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IDatagramWaiter CreateWaiter() => new SocketDatagramWaiter();

    private Socket Open(AddressFamily family)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            SetOptions(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void SetOptions(Socket socket)
    {
        socket.ReceiveBufferSize = options.ReceiveBufferBytes;
        socket.SendBufferSize = options.SendBufferBytes;
        if (socket.AddressFamily == AddressFamily.InterNetwork)
        {
            socket.DontFragment = true; // IPv6 routers never fragment
        }

        if (OperatingSystem.IsWindows())
        {
            // Otherwise the refusal of one response by its client makes the listener's next receive fail (SIO_UDP_CONNRESET).
            const int connectionReset = unchecked((int)0x9800000C);
            socket.IOControl(connectionReset, [0, 0, 0, 0], null);
        }
    }
}
