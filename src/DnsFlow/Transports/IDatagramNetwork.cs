using DnsFlow.Flows;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.Transports;

/// <summary>
/// Makes the datagram sockets of the shards and waits for them: the kernel's fast calls on Linux, <c>Socket</c> elsewhere, memory in tests.
/// One network serves all shards of a server and any thread may call it; what it makes belongs to the shard that asked.
/// </summary>
internal interface IDatagramNetwork
{
    /// <summary>
    /// Whether a listener on a wildcard address answers from the address that was asked. Where it does not, <see cref="Listen"/> refuses
    /// wildcards: bind one listener per local address instead.
    /// </summary>
    bool SelectsSourceAddress { get; }

    /// <summary>Whether several sockets may be bound to one address, so that every shard has one; where not, the first shard serves all clients.</summary>
    bool SharesAddresses => true;

    /// <summary>
    /// Opens a listener. With <paramref name="shared"/> several sockets (one a shard) of this network may be bound to the same address;
    /// port 0 makes a new one each time, so later shards ask for the <see cref="IDatagramSocket.LocalEndpoint"/> of the first. An address
    /// that another program, or another network, holds is refused either way. <c>[::]</c> takes IPv4 too, unless this network already
    /// listens on that port of an IPv4 address: open IPv4 listeners first.
    /// Throws <see cref="System.Net.Sockets.SocketException"/> when the address cannot be bound.
    /// </summary>
    IDatagramSocket Listen(FlowEndpoint address, bool shared);

    /// <summary>Takes over a socket that the service manager has bound (LISTEN_FDS).</summary>
    IDatagramSocket Adopt(System.Net.Sockets.Socket inherited);

    /// <summary>
    /// Opens a connected socket towards <paramref name="upstream"/> on a port the kernel picks at random, leaving from <paramref name="origin"/> if one is given.
    /// Throws <see cref="System.Net.Sockets.SocketException"/> when there is no route, no such origin or no descriptor.
    /// </summary>
    IDatagramSocket Connect(FlowEndpoint upstream, SocketOrigin? origin = null);

    /// <summary>Makes what a shard waits with.</summary>
    IDatagramWaiter CreateWaiter();
}
