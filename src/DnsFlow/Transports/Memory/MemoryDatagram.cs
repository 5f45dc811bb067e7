using DnsFlow.Flows;

namespace DnsFlow.Transports.Memory;

/// <summary>One datagram on its way through a <see cref="MemoryDatagramNetwork"/>.</summary>
/// <param name="Source">Who sent it.</param>
/// <param name="Destination">Whom to.</param>
/// <param name="Payload">Its octets.</param>
internal sealed record MemoryDatagram(FlowEndpoint Source, FlowEndpoint Destination, byte[] Payload);
