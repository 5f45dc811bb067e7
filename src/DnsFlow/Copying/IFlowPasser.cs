using DnsFlow.Flows;
using DnsFlow.Upstreams;

namespace DnsFlow.Copying;

/// <summary>Relays passed stream flows.</summary>
internal interface IFlowPasser
{
    /// <summary>Copies a passed flow, octet for octet, to a server of the group and back until either side ends; then closes both.</summary>
    Task PassAsync(StreamFlow flow, UpstreamGroup group, CancellationToken stopping);
}
