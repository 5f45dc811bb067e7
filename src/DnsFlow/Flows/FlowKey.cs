using DnsFlow.Protocol;

namespace DnsFlow.Flows;

/// <summary>What makes two datagrams or connections one flow: transport, the client's endpoint and the endpoint it addressed.</summary>
/// <param name="Transport">The transport.</param>
/// <param name="Local">The client's address and port ("local" to the flow's owner, as in Network Extension); carries the interface of a link-local address.</param>
/// <param name="Remote">The address and port the client addressed.</param>
public readonly record struct FlowKey(FlowTransport Transport, FlowEndpoint Local, FlowEndpoint Remote)
{
    /// <summary>A seeded hash over every part of the key.</summary>
    public ulong Hash(ulong seed)
    {
        var hash = WireName.Mix(seed ^ (byte)Transport, Local.High ^ Local.Scope);
        hash = WireName.Mix(hash, Local.Low);
        hash = WireName.Mix(hash, Remote.High ^ Remote.Scope);
        hash = WireName.Mix(hash, Remote.Low);
        return WireName.Mix(hash, ((ulong)Local.Port << 16) | Remote.Port);
    }
}
