using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Tls;

/// <summary>DNS over TLS (RFC 7858).</summary>
/// <param name="server">How to shake hands.</param>
/// <param name="below">What carries it.</param>
/// <param name="time">The clock.</param>
internal sealed class TlsProtocol(TlsServer server, IStreamProtocol below, TimeProvider time) : IStreamProtocol
{
    public FlowTransport Transport => FlowTransport.Tls;

    public IStreamTransport Open(Socket socket, in FlowEndpoint client) => new TlsStreamTransport(below.Open(socket, client), server, TlsServer.OfferDot, client, time);
}
