using DnsFlow.Flows;

namespace DnsFlow.Transports;

/// <summary>The endpoints and the length of one datagram.</summary>
internal struct DatagramSlot
{
    /// <summary>Listener: the client. Connected socket: not used.</summary>
    public FlowEndpoint Remote;

    /// <summary>Listener: the local address the datagram was sent to, and for link-local the interface; a response leaves from it.</summary>
    public FlowEndpoint Local;

    /// <summary>The number of octets.</summary>
    public int Length;

    /// <summary>Whether the datagram was longer than the slot (MSG_TRUNC); its tail is lost.</summary>
    public bool IsCut;
}
