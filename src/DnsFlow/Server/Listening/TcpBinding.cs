using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Transports.Https;
using DnsFlow.Transports.Tcp;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Server.Listening;

/// <summary>How stream listeners are made here.</summary>
internal sealed class TcpBinding(TimeProvider time, Action onExhausted, Action onBadHeader, IReadiness? readiness, HttpsServer https)
{
    private readonly TcpProtocol _plain = new(time, readiness);

    /// <summary>Binds an address.</summary>
    public TcpStreamListener Listen(FlowEndpoint address, int listener, IStreamProtocol protocol)
        => TcpStreamListener.Bind(address, listener, time, onExhausted, protocol, onBadHeader);

    /// <summary>Takes over a socket of the service manager.</summary>
    public TcpStreamListener Adopt(Socket inherited, int listener, IStreamProtocol protocol)
        => TcpStreamListener.Adopt(inherited, listener, time, onExhausted, protocol, onBadHeader);

    /// <summary>What is spoken at an address; null when it is UDP alone. An encrypted one has its listener's certificates.</summary>
    public IStreamProtocol? Protocol(ListenerEndpoint wanted, IReadOnlyDictionary<string, TlsServer> encryption)
    {
        if (!encryption.TryGetValue(wanted.Name, out var tls))
        {
            return wanted.Streams ? _plain : null;      // an encrypted one without certificates is only judged: its certificate is made when it starts
        }

        return wanted switch
        {
            { Streams: false } => null,
            { Encryption: "tls" } => new TlsProtocol(tls, _plain, time),
            { Encryption: "https" } => new HttpsProtocol(https, tls, _plain, wanted.Path, time),
            _ => _plain,
        };
    }
}
