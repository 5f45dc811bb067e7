using DnsFlow.Flows;

namespace DnsFlow.Transports;

/// <summary>
/// One non-blocking datagram socket of a shard: receive up to n, send n. Only its shard's thread uses it.
/// Ordinary network errors are values, never exceptions.
/// </summary>
internal interface IDatagramSocket : IDisposable
{
    /// <summary>The address the socket is bound to; for a connected socket the chosen local port.</summary>
    FlowEndpoint LocalEndpoint { get; }

    /// <summary>
    /// Receives what is there without waiting: fills slots from 0 and returns how many. 0 = nothing there. -1 = the peer of a connected socket
    /// refused (ICMP): a sign about the peer, not about any datagram; the socket stays usable.
    /// On listeners each slot's Remote is the sender and Local the address it was sent to.
    /// </summary>
    int Receive(DatagramBatch batch);

    /// <summary>
    /// Sends slots 0 to <see cref="DatagramBatch.Count"/> - 1. Returns how many were handed to the kernel; one that fails is dropped
    /// and the rest still go. Connected sockets ignore Remote and Local.
    /// </summary>
    int Send(DatagramBatch batch);

    /// <summary>
    /// Connects a connected socket anew, to the same or another peer of its family, by another port that the kernel picks at random. What came to the
    /// old port is gone. False = that cannot be done: close it and open another. Allocates nothing.
    /// </summary>
    bool TryConnect(FlowEndpoint upstream);

    /// <summary>How many datagrams the kernel dropped at this socket because its buffer was full, where the system tells; else 0.</summary>
    long KernelDrops { get; }
}
