using System.Net.Sockets;
using System.Runtime.Versioning;
using DnsFlow.Flows;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>Datagram sockets by the calls of Linux: a batch a system call, the asked address on wildcards, shared ports, epoll.</summary>
internal sealed class LinuxDatagramNetwork(DatagramSocketOptions options) : IDatagramNetwork
{
    private readonly ListenerAddresses _listeners = new();

    /// <summary>Whether this system has the calls.</summary>
    [SupportedOSPlatformGuard("linux")]
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <inheritdoc/>
    public bool SelectsSourceAddress => true;

    /// <inheritdoc/>
    public IDatagramSocket Listen(FlowEndpoint address, bool shared)
    {
        var socket = new Socket(address.Family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            LinuxSocketOptions.SetBuffers(socket, options);
            LinuxSocketOptions.ForbidFragments(socket);
            if (address.IsAny)
            {
                LinuxSocketOptions.RequestPacketInfo(socket);
            }

            _listeners.Bind(address, isHeld => Bind(socket, address, shared, isHeld));
            return new LinuxDatagramSocket(socket, address.IsAny, _listeners);
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
        if (inherited.SocketType != SocketType.Dgram || inherited.LocalEndPoint is not System.Net.IPEndPoint bound)
        {
            throw new ArgumentException("Not a bound datagram socket of the Internet families.", nameof(inherited));
        }

        var address = FlowEndpoint.From(bound);
        LinuxSocketOptions.CloseOnExec(inherited);
        LinuxSocketOptions.SetBuffers(inherited, options);
        LinuxSocketOptions.ForbidFragments(inherited);
        if (address.IsAny)
        {
            LinuxSocketOptions.RequestPacketInfo(inherited);
        }

        _listeners.Bind(address, _ => address);
        return new LinuxDatagramSocket(inherited, address.IsAny, _listeners);
    }

    /// <inheritdoc/>
    public IDatagramSocket Connect(FlowEndpoint upstream, SocketOrigin? origin = null)
    {
        var socket = new Socket(upstream.Family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            LinuxSocketOptions.SetBuffers(socket, options);
            LinuxSocketOptions.ForbidFragments(socket);
            origin?.Apply(socket);
            socket.Connect(upstream.ToIPEndPoint());
            return new LinuxDatagramSocket(socket, hasPacketInfo: false, owner: null);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IDatagramWaiter CreateWaiter() => new LinuxDatagramWaiter();

    private FlowEndpoint Bind(Socket socket, FlowEndpoint address, bool shared, bool isHeld)
    {
        if (!address.IsIPv4)
        {
            socket.DualMode = address.IsAny && !_listeners.HoldsIPv4(address.Port);
        }

        if (shared && isHeld)
        {
            LinuxSocketOptions.ShareAddress(socket);
        }

        socket.Bind(address.ToIPEndPoint());
        if (shared && !isHeld)
        {
            // Only after the bind: alone it fails when another program holds the address, even one that shares it.
            LinuxSocketOptions.ShareAddress(socket);
        }

        return FlowEndpoint.From((System.Net.IPEndPoint)socket.LocalEndPoint!);
    }
}
