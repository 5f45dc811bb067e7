using DnsFlow.Flows;

namespace DnsFlow.Transports.Memory;

/// <summary>One query that arrived at a <see cref="MemoryDatagramUpstream"/>, and the ways to respond to it: once, often, late, or never.</summary>
internal sealed class MemoryDatagramExchange(MemoryDatagramSocket socket, byte[] query)
{
    /// <summary>The port and address the query came from.</summary>
    public FlowEndpoint Source => socket.LocalEndpoint;

    /// <summary>The query's octets.</summary>
    public byte[] Query { get; } = query;

    /// <summary>Sends a datagram back to where the query came from.</summary>
    public void Answer(ReadOnlySpan<byte> response) => socket.Deliver(new MemoryDatagram(default, socket.LocalEndpoint, response.ToArray()));

    /// <summary>Reports the upstream's port as unreachable: the socket's next <see cref="IDatagramSocket.Receive"/> gives -1.</summary>
    public void Refuse() => socket.Deliver(null);
}
