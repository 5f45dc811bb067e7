using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Transports;

/// <summary>What is spoken on the connections of an address.</summary>
internal interface IStreamProtocol
{
    /// <summary>How its flows are called.</summary>
    FlowTransport Transport { get; }

    /// <summary>Takes over a connected socket. Throws <see cref="SocketException"/> when the client is gone already.</summary>
    IStreamTransport Open(Socket socket, in FlowEndpoint client);
}
