using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Transports.Https;

/// <summary>DNS over HTTPS (RFC 8484).</summary>
/// <param name="server">Who serves the connections.</param>
/// <param name="tls">How to shake hands.</param>
/// <param name="below">What carries it.</param>
/// <param name="path">The path that is asked.</param>
/// <param name="time">The clock.</param>
internal sealed class HttpsProtocol(HttpsServer server, TlsServer tls, IStreamProtocol below, string path, TimeProvider time) : IStreamProtocol
{
    public FlowTransport Transport => FlowTransport.Https;

    public IStreamTransport Open(Socket socket, in FlowEndpoint client)
    {
        var gathered = new GatheredTransport(below.Open(socket, client), time);
        return new HttpsConnection(gathered, new TlsStreamTransport(gathered, tls, TlsServer.OfferHttps, client, time), server, path);
    }
}
