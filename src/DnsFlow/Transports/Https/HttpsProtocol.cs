using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Transports.Https;

/// <summary>DNS over HTTPS (RFC 8484).</summary>
/// <param name="server">Who serves the connections.</param>
/// <param name="tls">How to shake hands.</param>
/// <param name="path">The path that is asked.</param>
internal sealed class HttpsProtocol(HttpsServer server, TlsServer tls, string path) : IStreamProtocol
{
    public FlowTransport Transport => FlowTransport.Https;

    public IStreamTransport Open(Socket socket, in FlowEndpoint client) => new HttpsConnection(socket, client, server, tls, path);
}
