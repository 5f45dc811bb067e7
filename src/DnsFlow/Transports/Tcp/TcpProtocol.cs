using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Tcp;

/// <summary>Messages with their length before them (RFC 7766), nothing more.</summary>
/// <param name="time">The clock.</param>
/// <param name="readiness">Who waits for the connections' octets; null = the framework.</param>
internal sealed class TcpProtocol(TimeProvider time, IReadiness? readiness = null) : IStreamProtocol
{
    public FlowTransport Transport => FlowTransport.Tcp;

    public IStreamTransport Open(Socket socket, in FlowEndpoint client) => new TcpStreamTransport(socket, time, readiness);
}
