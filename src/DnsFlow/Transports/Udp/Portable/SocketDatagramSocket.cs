using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Udp.Portable;

/// <summary>What the connected socket and the listener of the portable network have in common: the framework's socket, in non-blocking mode.</summary>
internal abstract class SocketDatagramSocket : IDatagramSocket
{
    /// <summary>Takes over a socket that is bound or connected.</summary>
    protected SocketDatagramSocket(Socket socket)
    {
        socket.Blocking = false;
        Socket = socket;
        LocalEndpoint = FlowEndpoint.From((IPEndPoint)socket.LocalEndPoint!);
    }

    /// <summary>The framework's socket.</summary>
    public Socket Socket { get; }

    /// <summary>Set by the wait that found something to receive, cleared by the receive.</summary>
    public bool IsReadable { get; set; }

    /// <inheritdoc/>
    public FlowEndpoint LocalEndpoint { get; }

    /// <summary>0: no portable way to ask.</summary>
    public long KernelDrops => 0;

    /// <summary>False: a fresh socket is the way to another port here.</summary>
    public bool TryConnect(FlowEndpoint upstream) => false;

    /// <inheritdoc/>
    public abstract int Receive(DatagramBatch batch);

    /// <inheritdoc/>
    public abstract int Send(DatagramBatch batch);

    /// <inheritdoc/>
    public virtual void Dispose() => Socket.Dispose();

    /// <summary>Whether it is a report about the peer, brought by ICMP or by routing.</summary>
    protected static bool IsAboutPeer(SocketError error) => error is SocketError.ConnectionRefused or SocketError.ConnectionReset
        or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown
        or SocketError.NetworkReset or SocketError.ProtocolOption or SocketError.AccessDenied;

    /// <summary>Whether the system had no room to send: the rest of a batch would not fit either.</summary>
    protected static bool IsFull(SocketError error) => error is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable;
}
