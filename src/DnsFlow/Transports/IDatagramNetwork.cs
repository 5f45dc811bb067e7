using DnsFlow.Flows;

namespace DnsFlow.Transports;

/// <summary>Makes the datagram sockets of a shard and waits for them: the kernel's fast calls on Linux, <c>Socket</c> elsewhere, memory in tests.</summary>
internal interface IDatagramNetwork
{
    /// <summary>
    /// Opens a listener. With <paramref name="shared"/> several sockets (one a shard) may be bound to the same address.
    /// Throws <see cref="System.Net.Sockets.SocketException"/> when the address cannot be bound.
    /// </summary>
    IDatagramSocket Listen(FlowEndpoint address, bool shared);

    /// <summary>Takes over a socket that the service manager has bound (LISTEN_FDS).</summary>
    IDatagramSocket Adopt(System.Net.Sockets.Socket inherited);

    /// <summary>
    /// Opens a connected socket towards <paramref name="upstream"/> on a port the kernel picks at random.
    /// Throws <see cref="System.Net.Sockets.SocketException"/> when there is no route or no descriptor.
    /// </summary>
    IDatagramSocket Connect(FlowEndpoint upstream);

    /// <summary>Makes what a shard waits with.</summary>
    IDatagramWaiter CreateWaiter();
}
