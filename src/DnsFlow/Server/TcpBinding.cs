using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Transports.Tcp;

namespace DnsFlow.Server;

/// <summary>How TCP listeners are made here.</summary>
internal sealed class TcpBinding(TimeProvider time, Action onExhausted, IReadiness? readiness)
{
    /// <summary>Binds an address.</summary>
    public IStreamListener Listen(FlowEndpoint address, int listener) => TcpStreamListener.Bind(address, listener, time, onExhausted, readiness);

    /// <summary>Takes over a socket of the service manager.</summary>
    public IStreamListener Adopt(Socket inherited, int listener) => TcpStreamListener.Adopt(inherited, listener, time, onExhausted, readiness);
}
